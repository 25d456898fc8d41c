import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file of the supervisor's own so that a reader, and a machine after power loss, finds the old text or the new one (B56, T31). The
 * folder must exist. Mode 0600. A crash leaves at most a `.partial` file of a random name.
 */
export function writeDurableFile(path: string, text: string): void {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const file = openSync(partial, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/**
 * Replaces a file that may be lost with the machine's power, because it can be made again: a reader finds the old text or the new one, and nothing waits for
 * the disk. Mode 0600.
 */
export function replaceFile(path: string, text: string): void {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    writeFileSync(partial, text, { mode: 0o600, flag: 'wx' });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Makes new and removed names in a folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
