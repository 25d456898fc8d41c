import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** No configuration comes near; a larger file is not read. */
const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

/** A file of a box as it is now. `problem` says why there is no text although something is there. */
export interface BoxFile {
  readonly text: string | null;
  readonly problem: string | null;
  readonly stamp: string;
}

/*
 * The agent owns the folders that these functions work in, and this process may be root: a symbolic link planted there must not lead us out of the box.
 * So a file is opened first, and where it really lies is asked of the kernel afterwards, through the descriptor.
 */

/** Reads a file below one of `roots` (real paths). Never throws for what is found there. */
export function readBoxFile(path: string, roots: readonly string[]): BoxFile {
  let file: number;
  try {
    // Non-blocking, so that a pipe put at this path cannot hang a boot.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemCode(error);
    return { text: null, problem: code === 'ENOENT' ? null : code, stamp: code };
  }
  try {
    const stats = fstatSync(file);
    const stamp = `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
    if (!isInside(pathOf(file, path), roots)) return { text: null, problem: 'outside_the_box', stamp };
    if (!stats.isFile()) return { text: null, problem: 'not_a_file', stamp };
    if (stats.size > LARGEST_FILE_BYTES) return { text: null, problem: 'too_large', stamp };
    const bytes = readFileSync(file);
    return isUtf8(bytes)
      ? { text: bytes.toString('utf8'), problem: null, stamp }
      : { text: null, problem: 'not_text', stamp };
  } catch (error) {
    return { text: null, problem: systemCode(error), stamp: '' };
  } finally {
    closeSync(file);
  }
}

/** A cheap sign of change: inode, size and time of a file, or why there is none. Costs one system call. */
export function stampOf(path: string): string {
  try {
    const stats = lstatSync(path);
    return `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
  } catch (error) {
    return systemCode(error);
  }
}

/** What a write met: `stale`, the file was no longer the expected one and nothing was written; `overtaken`, it was written, but a program that held the old file open wrote `text` into that. */
export type BoxWrite = { readonly kind: 'written' | 'stale' } | { readonly kind: 'overtaken'; readonly text: string };

/**
 * Writes a file below one of `roots` by temporary file, flush and rename (B56); `text` null removes it. A new file gets mode 0600, an old one keeps
 * its own. A link that leads out of the box is replaced, one inside it is followed.
 *
 * With `expected`, the text that was read before (null = no file), a file that somebody else has changed since is left alone: the agent's own CLI
 * writes these files too, and what it wrote must not be lost. The comparison stands right before the rename, and the old file, still open, is read
 * once more after it.
 * @throws Error of the system (`ENOSPC`, `EACCES`, …).
 */
export function writeBoxFile(
  path: string,
  text: string | null,
  roots: readonly string[],
  expected?: string | null,
): BoxWrite {
  ensureInside(dirname(path), roots);
  const target = followInside(path, roots);
  const partial = text === null ? null : fillBeside(target, text, roots);
  const old = expected === undefined ? null : openIfThere(target);
  try {
    if (expected !== undefined && textOf(old) !== expected) {
      if (partial !== null) rmSync(partial, { force: true });
      return { kind: 'stale' };
    }
    if (partial === null) rmSync(target, { force: true });
    else renameSync(partial, target);
    const left = textOf(old);
    return expected === undefined || left === null || left === expected
      ? { kind: 'written' }
      : { kind: 'overtaken', text: left };
  } catch (error) {
    if (partial !== null) rmSync(partial, { force: true });
    throw error;
  } finally {
    if (old !== null) closeSync(old);
  }
}

/** A temporary file beside the target, filled and flushed, with the mode that the target has. */
function fillBeside(target: string, text: string, roots: readonly string[]): string {
  const partial = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  try {
    const file = openSync(
      partial,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      if (!isInside(pathOf(file, partial), roots))
        throw Object.assign(new Error(`${target} leads out of the box`), { code: 'EACCES' });
      fchmodSync(file, modeOf(target));
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return partial;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The whole text behind a descriptor, from its beginning; null where there is none. */
function textOf(file: number | null): string | null {
  if (file === null) return null;
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, LARGEST_FILE_BYTES));
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
}

/** Moves what is at `path` out of the way and returns its new place, or null where nothing was there. */
export function setAside(path: string, nowMs: number): string | null {
  const aside = `${path}.corrupt-${nowMs}`;
  try {
    renameSync(path, aside);
    return aside;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Makes `folder` and its parents. @throws Error with code EACCES where it lies, or would lie, outside of all roots. */
export function ensureInside(folder: string, roots: readonly string[]): void {
  let existing = folder;
  while (!exists(existing)) existing = dirname(existing);
  if (!isInside(realpathSync(existing), roots))
    throw Object.assign(new Error(`${folder} leads out of the box`), { code: 'EACCES' });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** The code of a system error (`ENOENT`), or `EUNKNOWN`. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';
}

function followInside(path: string, roots: readonly string[]): string {
  try {
    if (!lstatSync(path).isSymbolicLink()) return path;
    const target = realpathSync(path);
    if (isInside(target, roots)) return target;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  rmSync(path, { force: true });
  return path;
}

function pathOf(file: number, asked: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    return realpathSync(asked);
  }
}

function isInside(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function modeOf(path: string): number {
  try {
    return lstatSync(path).mode & 0o777;
  } catch {
    return 0o600;
  }
}
