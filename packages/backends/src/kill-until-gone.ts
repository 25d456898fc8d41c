import { setTimeout as delay } from 'node:timers/promises';
import type { StartedProcess } from '@molecule/processes';

const FIRST_LOOK_MS = 1;
const LONGEST_PAUSE_MS = 50;
/** Beyond this a process hangs inside the kernel, and no signal reaches it. */
const KILL_LIMIT_MS = 10_000;

/**
 * Sends SIGKILL to whatever `find` returns until it returns nothing, and so also catches what was started meanwhile.
 *
 * @returns how many different processes it met.
 * @throws Error naming the processes that do not end within 10 s.
 */
export async function killUntilGone(find: () => readonly StartedProcess[]): Promise<number> {
  const met = new Set<string>();
  const left = await pollUntilNone(() => {
    const found = find();
    for (const { pid, startTime } of found) {
      met.add(`${pid}@${startTime}`);
      sendSignal(pid, 'SIGKILL');
    }
    return found;
  }, KILL_LIMIT_MS);
  if (left.length > 0) throw new Error(`processes ${left.map(({ pid }) => pid).join(', ')} do not end on SIGKILL`);
  return met.size;
}

/** Calls `look` until it returns nothing or the time is over; returns what it returned last. */
export async function pollUntilNone<T>(look: () => readonly T[], limitMs: number): Promise<readonly T[]> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const found = look();
    const remainingMs = deadline - performance.now();
    if (found.length === 0 || remainingMs <= 0) return found;
    await delay(Math.min(pauseMs, remainingMs));
  }
}

/** Sends a signal; a negative pid means the process group. Someone who has ended already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // EPERM: a set-uid program of another user. It is reported as left over, not hidden by a crash here.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}
