import { chmodSync, closeSync, constants, fchmodSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';
import { systemCode } from '../files/box-file.ts';

const MODE = 0o700;

/** Makes the folders of a box, open to their owner alone, also where they were there before. */
export function makeBoxFolders({ root, home, work, run }: BoxLayout): void {
  for (const folder of [root, home, work, run]) {
    mkdirSync(folder, { recursive: true, mode: MODE });
    chmodSync(folder, MODE);
  }
  makeInHome(join(home, '.tmp'));
}

/**
 * A folder directly inside the home. The agent owns the home and may have put something else in its place: a link would be followed, and the mode of
 * whatever it leads to changed with the rights of the box host.
 */
function makeInHome(path: string): void {
  const folder = openFolder(path) ?? openFolder(path);
  if (folder === null) throw Object.assign(new Error(`${path} cannot be made a folder`), { code: 'EACCES' });
  try {
    fchmodSync(folder, MODE);
  } finally {
    closeSync(folder);
  }
}

/** Null: something else stood there and was removed. */
function openFolder(path: string): number | null {
  try {
    mkdirSync(path, { mode: MODE });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (!['ELOOP', 'ENOTDIR'].includes(systemCode(error))) throw error;
    rmSync(path, { force: true });
    return null;
  }
}
