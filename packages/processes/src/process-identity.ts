import { execFileSync } from 'node:child_process';
import { isEnded, readBootId, readProcessStat } from './process-stat.ts';

/** What the operating system says about one process id. */
export interface ProcessIdentity {
  /** `zombie`: it has ended, but its parent has not collected it. It holds nothing any more and counts as dead. */
  readonly state: 'running' | 'zombie' | 'gone';
  /** Tells this process from a later one with the same id, on this machine and over its boots. Empty when it is gone. */
  readonly startToken: string;
}

const GONE: ProcessIdentity = { state: 'gone', startToken: '' };

/**
 * Reads state and start of a process. A process id alone says little: ids are used again, and a zombie answers to
 * `kill(pid, 0)` for as long as nobody collects it (for ever in a container without an init).
 */
export function identifyProcess(pid: number): ProcessIdentity {
  if (!Number.isInteger(pid) || pid <= 0) return GONE;
  return process.platform === 'linux' ? fromProcfs(pid) : fromPs(pid);
}

/** True if the process runs and, where a start token is given, is the one that the token was taken from. */
export function isRunning(pid: number, startToken?: string): boolean {
  const found = identifyProcess(pid);
  return found.state === 'running' && (startToken === undefined || startToken === found.startToken);
}

function fromProcfs(pid: number): ProcessIdentity {
  const stat = readProcessStat(pid);
  if (stat === null || stat.state === 'X' || stat.state === 'x') return GONE;
  // Start ticks count from the boot, so the boot belongs to the identity.
  return { state: isEnded(stat) ? 'zombie' : 'running', startToken: `${readBootId().slice(0, 8)}.${stat.startTime}` };
}

function fromPs(pid: number): ProcessIdentity {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (line === '') return GONE;
    const [state = '', ...start] = line.split(/\s+/);
    return { state: state.startsWith('Z') ? 'zombie' : 'running', startToken: start.join('').replace(/\W/g, '') };
  } catch {
    return GONE;
  }
}
