import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { canPass, type ServerAccount } from './server-account.ts';
import { SOCKET_PORT } from './server-configuration.ts';

/** `sockaddr_un.sun_path` holds 108 bytes on Linux and 104 on macOS and BSD, the closing zero included. */
const LONGEST_SOCKET_PATH_BYTES = (process.platform === 'linux' ? 108 : 104) - 1;

/**
 * Gives a 0700 directory for the socket that belongs to the server's account. It lies in the data directory, unless the path
 * would be too long for a socket or out of the account's reach: then in a private directory of the system's temporary
 * folder. `recorded` is such a directory from an earlier start; it is used again if it is still safe to use.
 */
export function ensureSocketDirectory(
  directory: DataDirectory,
  account: ServerAccount | undefined,
  recorded: string | undefined,
): string {
  if (fits(directory.socket) && (account === undefined || canPass(account, directory.root))) {
    mkdirSync(directory.socket, { recursive: true });
    own(directory.socket, account);
    return directory.socket;
  }
  if (recorded !== undefined && isPrivate(recorded, account)) return recorded;
  const made = makePrivateDirectory(account);
  own(made, account);
  return made;
}

/** Folders for things that live as long as a process come first: cleaners of temporary folders stay out of those. */
function makePrivateDirectory(account: ServerAccount | undefined): string {
  const runtimeFolder = account === undefined ? process.env['XDG_RUNTIME_DIR'] : '/run';
  const parents = [...(runtimeFolder ? [runtimeFolder] : []), tmpdir(), '/tmp'];
  let refusal: unknown;
  for (const parent of parents) {
    // A long TMPDIR may not fit either.
    if (!fits(join(parent, 'molecule-db-XXXXXX')) || (account !== undefined && !canPass(account, parent))) continue;
    try {
      return mkdtempSync(join(parent, 'molecule-db-'));
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Removes a socket directory outside the data directory. The server must have ended. */
export function removeSocketDirectory(directory: DataDirectory, path: string): void {
  if (path !== directory.socket) rmSync(path, { recursive: true, force: true });
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= LONGEST_SOCKET_PATH_BYTES;
}

function own(path: string, account: ServerAccount | undefined): void {
  chmodSync(path, 0o700);
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/** Anybody can make names in the temporary folder: a directory that is not wholly ours is not trusted. */
function isPrivate(path: string, account: ServerAccount | undefined): boolean {
  try {
    const found = lstatSync(path);
    const owner = account?.uid ?? process.geteuid?.();
    return found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
