import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { identifyProcess, isRunning } from '@molecule/processes';

/** Names one process for ever: the pid alone is given out again after its death. */
export interface ScopedProcess {
  /** Processes of one scope can see each other: machine name and, on Linux, the pid namespace. */
  readonly scope: string;
  readonly pid: number;
  readonly started: string;
}

export function ownProcess(): ScopedProcess {
  return { scope: ownScope(), pid: process.pid, started: identifyProcess(process.pid).startToken };
}

/** Whether the process still runs; undefined where it cannot be seen from here. */
export function stillRuns(identity: ScopedProcess): boolean | undefined {
  return identity.scope === ownScope() ? isRunning(identity.pid, identity.started) : undefined;
}

function ownScope(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
