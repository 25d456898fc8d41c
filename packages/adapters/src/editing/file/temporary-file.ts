import { randomBytes } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { systemCode } from './file-error.ts';

const SUFFIX = '.molecule-tmp';

/** A free name beside a file, which tells whose it is. */
export function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(6).toString('hex')}${SUFFIX}`);
}

/** Removes temporary files that killed processes of ours left beside a file. */
export async function sweepBeside(target: string): Promise<void> {
  const start = `.${basename(target)}.`;
  for (const entry of await readdir(dirname(target))) {
    if (!entry.startsWith(start) || !entry.endsWith(SUFFIX)) continue;
    const pid = Number(entry.slice(start.length).split('-')[0]);
    if (Number.isInteger(pid) && pid > 0 && !isRunning(pid)) await removeIfThere(join(dirname(target), entry));
  }
}

/** Removes a file; one that is not there, or may not be removed, is left. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    systemCode(error);
  }
}
