import type { Signals } from '@molecule/contracts';
import type { AssessedSignal, Assessment } from '@molecule/domain';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import type { WorkspaceRow } from '../workspaces/workspace-repository.ts';

type StoredSignal = Signals['responsiveness'];

/**
 * Stores the three signals and the start of a loss. Writes and announces only what differs: `since` is the time at which a
 * signal last changed, so an unchanged verdict writes nothing at all.
 */
export async function storeAssessment(
  trx: Executor,
  row: Pick<WorkspaceRow, 'id' | 'org_id' | 'signals' | 'mcp_missing_since'>,
  verdict: Assessment,
  actor: string,
  now: Date,
): Promise<void> {
  const before = row.signals as Partial<Signals>; // written only here
  const signals = {
    responsiveness: merge(before.responsiveness, verdict.signals.responsiveness, now),
    capability: merge(before.capability, verdict.signals.capability, now),
    identity: merge(before.identity, verdict.signals.identity, now),
  };
  const changed =
    signals.responsiveness !== before.responsiveness ||
    signals.capability !== before.capability ||
    signals.identity !== before.identity;
  if (!changed && row.mcp_missing_since?.getTime() === verdict.missingSince?.getTime()) return;
  await trx
    .updateTable('workspaces')
    .set({ mcp_missing_since: verdict.missingSince, ...(changed ? { signals: JSON.stringify(signals) } : {}) })
    .where('id', '=', row.id)
    .execute();
  if (changed)
    await appendEvents(trx, [
      { orgId: row.org_id, workspaceId: row.id, type: 'workspace.signals', actor, data: { signals } },
    ]);
}

function merge(before: StoredSignal | undefined, now: AssessedSignal, at: Date): StoredSignal {
  if (
    before !== undefined &&
    before.status === now.status &&
    before.reason === now.reason &&
    before.message === now.message &&
    before.nextStep === now.nextStep
  )
    return before;
  return { ...now, since: before?.status === now.status ? before.since : at.toISOString() };
}
