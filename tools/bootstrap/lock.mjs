// One installation at a time per checkout.
//
// States: free (no file) -> held (file naming the holder's pid and, while one runs, its child's pid) -> free.
// Invariant: the file appears with its content complete (hard link of a finished temp file), so a reader never sees it half-written.
// A crash leaves the file behind; it counts as free once neither the holder nor its child (npm outlives a killed parent) is alive.

import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './progress.mjs';

const POLL_INTERVAL_MS = 100;

/**
 * When a process began, in kernel ticks; tells a living holder from a stranger that got its pid. Empty where procfs is missing.
 * @param {number} pid
 */
function birth(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** @param {{pid: number, birth: string} | undefined} who */
function isAlive(who) {
  if (who === undefined) return false;
  try {
    process.kill(who.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return birth(who.pid) === who.birth;
}

/** @param {string} file */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Waits for the lock as long as its holder lives, then takes it.
 * @param {string} file
 * @returns {Promise<{noteChild: (pid: number | undefined) => void, release: () => void}>}
 */
export async function acquireLock(file) {
  const mine = `${file}.${process.pid}`;
  const identity = { pid: process.pid, birth: birth(process.pid) };
  /** @param {number | undefined} child */
  const write = (child) =>
    writeFileSync(mine, JSON.stringify({ holder: identity, child: child && { pid: child, birth: birth(child) } }));
  let announced = false;
  write(undefined);
  for (;;) {
    try {
      linkSync(mine, file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = read(file);
    if (isAlive(owner?.holder) || isAlive(owner?.child)) {
      if (!announced) say(`another molecule is installing here (process ${owner.holder.pid}), waiting for it`);
      announced = true;
      await delay(POLL_INTERVAL_MS);
    } else {
      removeStale(file, mine);
    }
  }
  rmSync(mine);
  return {
    noteChild: (pid) => {
      write(pid);
      renameSync(mine, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/**
 * Removes what processes that were killed while waiting left beside the lock file. To be called by its holder.
 * @param {string} file
 */
export function sweepWaiters(file) {
  for (const name of readdirSync(dirname(file))) {
    const path = join(dirname(file), name);
    if (name.startsWith(`${basename(file)}.`) && !isAlive(read(path)?.holder)) rmSync(path, { force: true });
  }
}

/**
 * Moves a dead holder's file away; if a living one slipped in between reading and moving, puts it back.
 * @param {string} file
 * @param {string} mine
 */
function removeStale(file, mine) {
  const aside = `${mine}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (isAlive(moved?.holder) || isAlive(moved?.child)) {
    try {
      linkSync(aside, file);
    } catch {
      // a third process holds it by now; the moved holder finishes first in practice, both only repeat idempotent steps
    }
  }
  rmSync(aside, { force: true });
}
