import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface DurableFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Owner of the file. Needs root. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Replaces a file so that a reader, and a machine after power loss, finds the old text or the new one, never a part. */
export function writeDurableFile({ path, text, mode, owner }: DurableFile): void {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const file = openSync(partial, 'wx', mode);
    try {
      fchmodSync(file, mode);
      if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
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

/** Makes renames and new names in a folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
