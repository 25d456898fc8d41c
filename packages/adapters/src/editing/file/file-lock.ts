import { link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome } from '../outcome.ts';
import { type FileError, fileError, systemCode } from './file-error.ts';
import { ownProcess, type ScopedProcess, stillRuns } from './scoped-process.ts';
import { removeIfThere, temporaryBeside } from './temporary-file.ts';

/*
 * One writer of ours at a time per file, over all processes. Foreign programs do not know this lock; against them stands the
 * comparison in replace-file.ts.
 *
 * States of the lock file `.NAME.molecule-lock` beside the target:
 *   absent           free
 *   present, alive   held by the process named in it
 *   present, dead    left by a killed process; taken away by the next one that wants the lock
 *
 * The file appears complete (hard link of a private file), so no reader ever sees half a name. Only its owner, or the holder of
 * the guard `.NAME.molecule-lock-guard`, removes it; under the guard the death is checked again, so a fresh lock is never taken
 * for the dead one. A crash leaves the lock file, which the next writer removes; nothing else depends on it.
 */

/** A write takes milliseconds; whoever waits this long waits for a hung process. */
const LOCK_WAIT_MS = 20_000;
/** Age after which a lock whose owner cannot be seen (another container) counts as dead. */
const UNSEEN_OWNER_STALE_MS = 30_000;
const RETRY_MIN_MS = 2;
const RETRY_SPREAD_MS = 8;

/** Runs `work` while holding the lock of `target`. */
export async function withFileLock<T>(
  target: string,
  work: () => Promise<Outcome<T, FileError>>,
): Promise<Outcome<T, FileError>> {
  const lock = join(dirname(target), `.${basename(target)}.molecule-lock`);
  const own = temporaryBeside(target);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(own, JSON.stringify(ownProcess()), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    return fileError('unwritable', target, `The directory of ${target} cannot be written.`, systemCode(error));
  }
  try {
    if (!(await acquired(lock, own)))
      return fileError('locked', target, `${target} is being written by another process.`);
  } finally {
    await removeIfThere(own);
  }
  try {
    return await work();
  } finally {
    await removeIfThere(lock);
  }
}

async function acquired(lock: string, own: string): Promise<boolean> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  while (!(await linked(own, lock))) {
    if (performance.now() > deadline) return false;
    if (!(await clearDead(lock, own))) await pause(RETRY_MIN_MS + Math.random() * RETRY_SPREAD_MS);
  }
  return true;
}

/** Takes away a lock whose owner died. True when the way is free. */
async function clearDead(lock: string, own: string): Promise<boolean> {
  if (!(await isDead(lock))) return false;
  const guard = `${lock}-guard`;
  if (!(await linked(own, guard))) {
    // The guard is held for microseconds; one left by a crash goes by the same rule.
    if (await isDead(guard)) await removeIfThere(guard);
    return false;
  }
  try {
    if (await isDead(lock)) await removeIfThere(lock);
  } finally {
    await removeIfThere(guard);
  }
  return true;
}

async function isDead(lock: string): Promise<boolean> {
  try {
    const owner = identityOf(await readFile(lock, 'utf8'));
    const runs = owner && stillRuns(owner);
    if (runs !== undefined) return !runs;
    return Date.now() - (await stat(lock)).mtimeMs > UNSEEN_OWNER_STALE_MS;
  } catch (error) {
    systemCode(error);
    return false;
  }
}

function identityOf(text: string): ScopedProcess | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (
      typeof value !== 'object' ||
      value === null ||
      !('scope' in value) ||
      !('pid' in value) ||
      !('started' in value)
    )
      return undefined;
    const { scope, pid, started } = value;
    if (typeof scope !== 'string' || typeof pid !== 'number' || typeof started !== 'string') return undefined;
    return { scope, pid, started };
  } catch {
    return undefined;
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
