import { type Executor, findWorkspace, type WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';

const SETTLED: readonly WorkspaceRow['status'][] = ['online', 'failed', 'degraded', 'paused', 'removed'];

/** The workspace once it is online or has failed, or as it is after `waitMs`. Woken by events. */
export async function untilSettled(
  services: Services,
  row: WorkspaceRow,
  waitMs: number,
  signal: AbortSignal,
): Promise<WorkspaceRow> {
  return untilSeen(
    services,
    (event) => event.workspaceId === row.id,
    waitMs,
    signal,
    async (db) => {
      const now = (await findWorkspace(db, row.org_id, row.id)) ?? row;
      return { value: now, done: SETTLED.includes(now.status) };
    },
  );
}

/**
 * Looks, and looks again at each event that matters, until what it sees is done, the time is over or nobody waits any more. Gives what it saw last.
 */
export async function untilSeen<T>(
  services: Services,
  matters: (event: { readonly workspaceId: string | null; readonly taskId: string | null }) => boolean,
  waitMs: number,
  signal: AbortSignal,
  look: (db: Executor) => Promise<{ readonly value: T; readonly done: boolean }>,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  let woken = false;
  let wake: () => void = () => undefined;
  const onWake = (): void => {
    woken = true;
    wake();
  };
  const unsubscribe = services.events.subscribe((events) => {
    if (events.some(matters)) onWake();
  });
  for (const each of [signal, services.stopping]) each.addEventListener('abort', onWake);
  try {
    for (;;) {
      woken = false;
      const seen = await look(services.db);
      const left = deadline - performance.now();
      if (seen.done || left <= 0 || signal.aborted || services.stopping.aborted) return seen.value;
      if (woken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe();
    for (const each of [signal, services.stopping]) each.removeEventListener('abort', onWake);
  }
}
