import type { Services } from '@molecule/control-plane';

/** It connects within a second; on a busy machine it takes longer. Then `up` goes on, and the first workspace says what is missing. */
const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/** Waits until a box host of the org has connected since then, or the time is over. Who waits for the concierge need not: its box says more. */
export async function waitForBoxHost(
  services: Services,
  orgId: string,
  since: Date,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!signal.aborted && Date.now() < deadline) {
    const host = await services.db
      .selectFrom('hosts')
      .select('id')
      .where('org_id', '=', orgId)
      .where('connection_id', 'is not', null)
      .where('connected_at', '>=', since)
      .executeTakeFirst();
    if (host !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
