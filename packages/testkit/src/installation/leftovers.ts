import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { killHard, processesOf } from './processes-of.ts';

const PREFIX = 'molecule-story-';

/** A new folder for one installation; its name tells which process of tests it belongs to. */
export function makeDataDir(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

let isCleared = false;

/** Ends and removes, once for each process of tests, what earlier ones left that were killed and could not do it themselves. */
export function clearLeftovers(): void {
  if (isCleared) return;
  isCleared = true;
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    const dataDir = join(tmpdir(), name);
    for (const { pid } of processesOf(dataDir)) killHard(pid);
    try {
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // a process of it is just ending; the next run finds it
    }
  }
}
