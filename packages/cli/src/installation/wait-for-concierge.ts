import type { Services } from '@molecule/control-plane';
import { findConcierge } from '@molecule/store';

export interface SeenConcierge {
  readonly id: string;
  readonly runtime: string;
  readonly status: string;
  readonly reason: string | null;
  readonly message: string | null;
}

/** Longer than the slowest cold start of a runtime that was measured (4.5 s), with room for a busy machine. */
const LIMIT_MS = 90_000;
/** A refusal is told, but only after repair had its chance. */
const FAILED_PATIENCE_MS = 15_000;

/** A beat that changes nothing makes no event, so the row is looked at again after this. */
const LOOK_AGAIN_MS = 250;
const NEVER = new Date(0);

/**
 * Waits until the concierge is online, or has failed for good, or the time is over; the answer says which.
 * @param since start of this control plane: what its box said before counts for nothing
 */
export async function waitForConcierge(
  services: Services,
  orgId: string,
  since: Date,
  signal: AbortSignal,
): Promise<SeenConcierge> {
  const deadline = Date.now() + LIMIT_MS;
  let failedSince: number | null = null;
  for (;;) {
    const row = await findConcierge(services.db, orgId);
    if (row === undefined) throw new Error('the concierge is gone');
    const seen = {
      id: row.id,
      runtime: row.runtime,
      status: row.status,
      reason: row.status_reason,
      message: row.status_message,
    };
    failedSince = row.status === 'failed' || row.status === 'degraded' ? (failedSince ?? Date.now()) : null;
    // A row that was online in an earlier life counts only when the box has spoken in this one.
    if (row.status === 'online' && row.registered_at !== null && (row.last_heartbeat_at ?? NEVER) >= since) return seen;
    if (
      Date.now() > deadline ||
      signal.aborted ||
      (failedSince !== null && Date.now() - failedSince > FAILED_PATIENCE_MS)
    )
      return seen;
    await nextEvent(services, row.id, signal);
  }
}

/** Resolves at the next event of the workspace, or a little later. */
function nextEvent(services: Services, workspaceId: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, LOOK_AGAIN_MS);
    const unsubscribe = services.events.subscribe((events) => {
      if (events.some((event) => event.workspaceId === workspaceId)) finish();
    });
    signal.addEventListener('abort', finish);
  });
}
