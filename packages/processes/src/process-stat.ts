import { readFileSync } from 'node:fs';

/** A process, told apart from every other one of the same boot that had or gets the same id. */
export interface StartedProcess {
  readonly pid: number;
  /** Clock ticks between the boot of the machine and the start of the process, in digits. */
  readonly startTime: string;
}

/** What Linux's procfs says about one process (`/proc/<pid>/stat`, proc(5)). */
export interface ProcessStat extends StartedProcess {
  /** One letter; `Z` is a zombie, `X` a process on its way out. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
}

/** Reads it; null where there is no such process, or no procfs. */
export function readProcessStat(pid: number): ProcessStat | null {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, and the name may hold spaces and parentheses itself.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', , group = '', session = ''] = fields;
  return { pid, state, group: Number(group), session: Number(session), startTime: fields[19] ?? '' };
}

/** True for a process that runs no more and is only not collected by its parent yet. It holds nothing. */
export function isEnded(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X' || stat.state === 'x';
}

/** True while that very process runs. A zombie does not: it has ended, and only its parent has not looked yet. */
export function stillRuns(started: StartedProcess): boolean {
  const stat = readProcessStat(started.pid);
  return stat !== null && stat.startTime === started.startTime && !isEnded(stat);
}

let cachedBootId: string | undefined;

/** Identity of the running boot of the machine, or an empty text where the system does not tell: process ids mean nothing beyond it. */
export function readBootId(): string {
  if (cachedBootId === undefined) {
    try {
      cachedBootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    } catch {
      cachedBootId = '';
    }
  }
  return cachedBootId;
}
