import { appendAudit, appendEvents, type Executor, takeLostTerminals } from '@molecule/store';

/** How long a box that goes, or is replaced, may still tell how its terminals ended: more than it gets to stop. */
const TELLING_GRACE_MS = 15_000;
const MOST_PER_PASS = 500;

/** Puts the end of terminals on record whose box was killed and cannot tell of it any more. */
export async function closeLostTerminals(trx: Executor, now: Date): Promise<void> {
  const lost = await takeLostTerminals(trx, new Date(now.getTime() - TELLING_GRACE_MS), MOST_PER_PASS);
  for (const { id, orgId, workspaceId, openedBy } of lost) {
    const data = { terminalId: id, openedBy, reason: 'box_lost' };
    await appendEvents(trx, [{ orgId, workspaceId, type: 'terminal.closed', actor: 'system', data }]);
    await appendAudit(trx, { orgId, actor: 'system', action: 'terminal.close', target: workspaceId, data }, now);
  }
}
