import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, ok } from '../outcome.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { type FileError, fileError, systemCode } from './file-error.ts';
import { removeIfThere, sweepBeside, temporaryBeside } from './temporary-file.ts';

/*
 * Replacing a file in steps of which each leaves the old or the new content in place, never anything else:
 *
 *   1. temporary file beside the target, mode 0600, filled, mode and owner of the old file, fsync
 *   2. the target is read once more: if it is not what the caller read, nothing is replaced (`stale`)
 *   3. rename over the target, fsync of the directory
 *   4. the old file, still held open, is read: a foreign writer that wrote in place between 2 and 3 wrote there (`overtaken`)
 *
 * A crash before 3 leaves the old file and a temporary one that the next write sweeps; a crash after 3 leaves the new file.
 * `write-file-atomic` was looked at and not taken: it has no compare before the rename, no fsync of the directory and no way
 * to see an overtaken writer, which is most of what is needed here.
 */

export interface ReplaceOptions {
  /** Runs between the temporary file and the rename; tests kill the process here (T31). */
  readonly beforeReplace?: () => Promise<void>;
}

export type Replacement =
  | { readonly kind: 'written' }
  /** The file had changed since it was read; nothing was written. */
  | { readonly kind: 'stale' }
  /** Written, but a foreign in-place write landed in the old file meanwhile; `text` is what it wrote. */
  | { readonly kind: 'overtaken'; readonly text: string };

/** How long the rest of a foreign in-place write is waited for, each time. */
const SETTLE_MS = 10;
const MAX_SETTLE_READS = 10;
const NEW_FILE_MODE = 0o600;
const NEW_DIRECTORY_MODE = 0o700;

/** Puts `text` in the place of the file, or removes the file where `text` is undefined (B56). Takes no lock. */
export async function replaceFile(
  file: ConfigFile,
  text: string | undefined,
  options: ReplaceOptions = {},
): Promise<Outcome<Replacement, FileError>> {
  const directory = dirname(file.target);
  const temporary = temporaryBeside(file.target);
  let old: FileHandle | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: NEW_DIRECTORY_MODE });
    await sweepBeside(file.target);
    if (text !== undefined) await fill(temporary, text, file.stats);
    await options.beforeReplace?.();
    if (file.text !== undefined) old = await open(file.target, constants.O_RDONLY | constants.O_NONBLOCK);
    const now = await readConfigFile(file.path);
    if (!now.ok || now.value.text !== file.text || now.value.target !== file.target) {
      await removeIfThere(temporary);
      return now.ok ? ok({ kind: 'stale' }) : now;
    }
    await (text === undefined ? unlink(file.target) : rename(temporary, file.target));
    await syncDirectory(directory);
    const left = old && (await settledText(old, file.text));
    return ok(left === undefined || left === file.text ? { kind: 'written' } : { kind: 'overtaken', text: left });
  } catch (error) {
    const code = systemCode(error);
    await removeIfThere(temporary);
    if (code === 'ENOENT' && file.text !== undefined) return ok({ kind: 'stale' });
    return fileError('unwritable', file.path, `${file.path} could not be written.`, code);
  } finally {
    await old?.close();
  }
}

/** The text behind an open file. Where it is not the expected one, a foreign writer is at work and is waited for. */
async function settledText(handle: FileHandle, expected: string | undefined): Promise<string> {
  let text = await textOf(handle);
  for (let reads = 0; text !== expected && reads < MAX_SETTLE_READS; reads += 1) {
    await pause(SETTLE_MS);
    const again = await textOf(handle);
    if (again === text && again !== '') break;
    text = again;
  }
  return text;
}

async function textOf(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

async function fill(temporary: string, text: string, stats: ConfigFile['stats']): Promise<void> {
  const handle = await open(temporary, 'wx', NEW_FILE_MODE);
  try {
    await handle.writeFile(text);
    if (stats) {
      const own = await handle.stat();
      // Order matters: a change of owner clears set-id bits, so the mode comes last.
      if (own.uid !== stats.uid || own.gid !== stats.gid) await handle.chown(stats.uid, stats.gid);
      await handle.chmod(stats.mode);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename durable. Some file systems and Windows cannot sync a directory; the rename itself stands. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    systemCode(error);
  }
}
