import { join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { readHolder } from './host-lock.ts';

/** Process id of the box host that runs on this data directory, or null. A recycled process id is told apart by its start. */
export function liveBoxHost(dataDir: string): number | null {
  const holder = readHolder(hostLockFile(dataDir));
  return holder !== null && isRunning(holder.pid, holder.start) ? holder.pid : null;
}

export function hostLockFile(dataDir: string): string {
  return join(dataDir, 'run', 'box-host.lock');
}
