import { constants, type Stats } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { type Outcome, ok } from '../outcome.ts';
import { type FileError, fileError, systemCode } from './file-error.ts';

/** Larger files are refused unread; no configuration comes near. */
export const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/** A configuration file as it was at one moment. */
export interface ConfigFile {
  /** The path asked for. */
  readonly path: string;
  /** The file itself, behind any symbolic links. */
  readonly target: string;
  /** Undefined where there is no file. A byte order mark is part of the text. */
  readonly text: string | undefined;
  readonly stats: Pick<Stats, 'mode' | 'uid' | 'gid' | 'mtimeMs'> | undefined;
}

/** Reads a configuration file. A missing file is no error: its text is undefined. */
export async function readConfigFile(path: string): Promise<Outcome<ConfigFile, FileError>> {
  const found = await locate(path);
  if (!found.ok) return found;
  const { target, exists } = found.value;
  if (!exists) return ok({ path, target, text: undefined, stats: undefined });
  try {
    // Non-blocking, so that a pipe put at this path cannot hang a boot.
    const handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return fileError('not_a_file', path, `${path} is not a regular file.`);
      if (stats.size > MAX_CONFIG_BYTES)
        return fileError('too_large', path, `${path} is larger than ${MAX_CONFIG_BYTES} bytes.`);
      const text = decoded(await handle.readFile());
      if (text === undefined) return fileError('binary', path, `${path} is not UTF-8 text.`);
      return ok({
        path,
        target,
        text,
        stats: { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, mtimeMs: stats.mtimeMs },
      });
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return ok({ path, target, text: undefined, stats: undefined });
    return fileError('unreadable', path, `${path} could not be read.`, code);
  }
}

/** Follows symbolic links to the file that will be replaced, so that a dotfiles link stays a link. */
async function locate(path: string): Promise<Outcome<{ target: string; exists: boolean }, FileError>> {
  try {
    const stats = await lstat(path);
    const target = await realpath(path);
    const real = stats.isSymbolicLink() ? await lstat(target) : stats;
    if (!real.isFile()) return fileError('not_a_file', path, `${path} is not a regular file.`);
    return ok({ target, exists: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return missing(path);
    if (code === 'ELOOP') return fileError('dangling_symlink', path, `${path} is a symbolic link to itself.`, code);
    return fileError('unreadable', path, `${path} could not be reached.`, code);
  }
}

async function missing(path: string): Promise<Outcome<{ target: string; exists: boolean }, FileError>> {
  try {
    // A file that came back between the two looks is no link; look again.
    if (!(await lstat(path)).isSymbolicLink()) return locate(path);
    return fileError('dangling_symlink', path, `${path} is a symbolic link to a file that does not exist.`);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return ok({ target: path, exists: false });
    return fileError('unreadable', path, `${path} could not be reached.`, code);
  }
}

function decoded(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
