import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `sockaddr_un.sun_path` holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const LONGEST_PATH_BYTES = 103;
const SOCKET_NAME = 'mcp';

/**
 * Makes the folder, for this user alone, in which the socket of one box lies, and gives the path of the socket.
 *
 * The same box has the same path at each boot, so that its configuration stays the same bytes. It lies in the data directory, or, where that
 * path would be too long for a socket, in a folder of the system for such things.
 * @throws Error where no such folder can be made, or somebody else has put one there.
 */
export function makeSocketFolder(
  dataFolder: string,
  boxRoot: string,
): { readonly folder: string; readonly path: string } {
  const name = createHash('sha256').update(boxRoot).digest('hex').slice(0, 16);
  const foreign = `molecule-${process.getuid?.() ?? 0}-${name}`;
  // Cleaners of temporary folders stay out of the first of the system's.
  const system = [process.env['XDG_RUNTIME_DIR'] ?? '', tmpdir(), '/tmp'].filter((parent) => parent !== '');
  const folder = [join(dataFolder, 'run', 'management', name), ...system.map((parent) => join(parent, foreign))].find(
    (each) => Buffer.byteLength(join(each, SOCKET_NAME)) <= LONGEST_PATH_BYTES,
  );
  if (folder === undefined) throw new Error('every folder for a socket has a path that is too long for one');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const isOurs = process.geteuid === undefined || found.uid === process.geteuid();
  if (!found.isDirectory() || !isOurs || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder for this user alone`);
  return { folder, path: join(folder, SOCKET_NAME) };
}
