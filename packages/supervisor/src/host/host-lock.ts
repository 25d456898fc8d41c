import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { identifyProcess, isRunning } from '@molecule/processes';

/**
 * One box host per data directory. The lock file names process id and start, so that one which a killed host left is recognised and taken over.
 *
 * It is written whole under a name of its own and then linked: of two hosts that start at once, only one can make the link. A stale file is taken away
 * by rename and looked at once more, in case another host had replaced it meanwhile; such a one is put back.
 * @returns a function that gives the lock back.
 * @throws MoleculeError `data_dir_locked` with the holder's process id.
 */
export function lockHost(path: string, dataDir: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, start: identifyProcess(process.pid).startToken }), {
    mode: 0o600,
  });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        linkSync(draft, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = readHolder(path);
      if (holder !== null && isRunning(holder.pid, holder.start))
        throw new MoleculeError('data_dir_locked', { params: { pid: holder.pid, path: dataDir } });
      takeAwayStale(path, dataDir);
    }
    throw new MoleculeError('data_dir_locked', { params: { pid: 0, path: dataDir } });
  } finally {
    rmSync(draft, { force: true });
  }
}

function takeAwayStale(path: string, dataDir: string): void {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    // Another contender was faster; the next attempt sees what it made.
    return;
  }
  const holder = readHolder(aside);
  const isLive = holder !== null && isRunning(holder.pid, holder.start);
  if (isLive) linkSync(aside, path);
  rmSync(aside, { force: true });
  if (isLive) throw new MoleculeError('data_dir_locked', { params: { pid: holder.pid, path: dataDir } });
}

/** Who holds the lock, alive or not; null when nobody does. */
export function readHolder(path: string): { pid: number; start: string } | null {
  try {
    // Written by lockHost alone; a torn one is treated as stale.
    const { pid, start } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; start: string };
    return { pid, start };
  } catch {
    return null;
  }
}
