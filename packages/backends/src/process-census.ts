import { readdirSync, readFileSync } from 'node:fs';
import { isEnded, type ProcessStat, readProcessStat } from '@molecule/processes';

/** Variable that every process of a box inherits; by it a daemon that left its group and its parent is still found. */
export const MARKER_VARIABLE = 'MOLECULE_BOX_PROCESS';

/**
 * The running processes that belong to a start: same process group, same session, or the marker in their environment.
 * Reads the whole of `/proc`: about 20 µs for each process of the machine.
 *
 * @param search.startedWith start time of the first process of the start, in the ticks of `StartedProcess`: whatever is older is not looked at further.
 *
 * A process that leaves group and session *and* drops its environment is not found; in a sandbox it cannot get away either.
 */
export function findBoxProcesses(search: {
  readonly group: number | null;
  readonly marker: string;
  readonly startedWith?: string;
}): ProcessStat[] {
  const found: ProcessStat[] = [];
  const earliest = Number(search.startedWith ?? 0);
  const marker = Buffer.from(`${MARKER_VARIABLE}=${search.marker}`);
  for (const entry of listPids()) {
    const stat = readProcessStat(entry);
    if (stat === null || isEnded(stat) || stat.pid === process.pid || Number(stat.startTime) < earliest) continue;
    const isOurs = search.group !== null && (stat.group === search.group || stat.session === search.group);
    if (isOurs || hasMarker(stat.pid, marker)) found.push(stat);
  }
  return found;
}

function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function hasMarker(pid: number, marker: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(marker);
  } catch {
    // It ended meanwhile, or it is another user's, and then it is not ours.
    return false;
  }
}
