import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MoleculeError } from '@molecule/contracts';
import { identifyProcess, isRunning } from '@molecule/processes';

/*
 * One process of ours per data directory.
 *
 * Node has no flock, and a file that is removed by whoever thinks it stale can be removed twice. So nobody ever removes
 * or renames a file of a live process. Each contender adds a file of its own, named after its process id and start,
 * and looks at the others only afterwards:
 *   claim  the contender exists. Written first, removed on release.
 *   held   the contender saw no other live claim, and has the lock.
 * Of two contenders at least one lists the directory after both claims are there, so both can never win; both may lose,
 * and then they wait for a random time and try again. A crash leaves files whose process is gone: anybody may
 * remove those, since the name can never belong to a live process again.
 */

export interface DirectoryLock {
  release(): void;
}

interface Entry {
  readonly file: string;
  readonly owner: string;
  readonly pid: number;
  readonly startToken: string;
  readonly held: boolean;
}

const ATTEMPTS = 12;
const ENTRY = /^((\d+)-([\w.]+)-[0-9a-f]{8})\.(claim|held)$/;

/**
 * Takes the lock that lives in `directory` (made if absent). Throws `data_dir_locked` with the holder's process id.
 * The lock ends with the process; `release` ends it earlier.
 */
export async function lockDirectory(directory: string, path: string): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  let blocker = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const own = `${process.pid}-${identifyProcess(process.pid).startToken}-${randomBytes(4).toString('hex')}`;
    addFile(join(directory, `${own}.claim`));
    const others = liveEntries(directory).filter((entry) => entry.owner !== own);
    if (others.length === 0) {
      addFile(join(directory, `${own}.held`));
      return { release: () => remove(directory, own) };
    }
    remove(directory, own);
    const holder = others.find((entry) => entry.held);
    blocker = (holder ?? others[0])?.pid ?? 0;
    if (holder !== undefined) break;
    await delay(5 + Math.random() * 20 * attempt);
  }
  throw new MoleculeError('data_dir_locked', { params: { pid: blocker, path } });
}

function liveEntries(directory: string): Entry[] {
  const live: Entry[] = [];
  for (const file of readdirSync(directory)) {
    const match = ENTRY.exec(file);
    if (match === null) continue;
    const [, owner = '', pid = '0', startToken = '', kind] = match;
    if (isRunning(Number(pid), startToken)) {
      live.push({ file, owner, pid: Number(pid), startToken, held: kind === 'held' });
    } else {
      rmSync(join(directory, file), { force: true });
    }
  }
  return live;
}

function addFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
}

function remove(directory: string, owner: string): void {
  rmSync(join(directory, `${owner}.held`), { force: true });
  rmSync(join(directory, `${owner}.claim`), { force: true });
}
