import { kindOf, type LifecycleEvent, type Transition, transition } from '@molecule/domain';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import type { WorkspaceRow } from '../workspaces/workspace-repository.ts';
import { lockWorkspace } from '../workspaces/workspace-repository.ts';

export interface TransitionCause {
  /** Stable reason code; null when there is nothing to say. */
  readonly reason: string | null;
  readonly message?: string | null;
  readonly nextStep?: string | null;
  readonly actor: string;
  readonly now: Date;
}

export type TransitionOutcome =
  /** `changed` is false when the row said all of this already: nothing was written and no event exists (I38, I40). */
  | { readonly ok: true; readonly changed: boolean; readonly status: WorkspaceRow['status'] }
  | {
      readonly ok: false;
      readonly code: Extract<Transition, { ok: false }>['code'] | 'workspace_not_found';
      readonly status: WorkspaceRow['status'] | null;
    };

/**
 * The one way in which a workspace changes its status: the lifecycle table decides, one conditional write stores status,
 * reason and time, and one event says so, only on a real change of the row (B86, I38, I40). The row stays locked until the
 * transaction ends. A refusal is a value: the caller knows whether it is somebody's error.
 * @param trx a transaction
 */
export async function applyTransition(
  trx: Executor,
  workspaceId: string,
  event: LifecycleEvent,
  cause: TransitionCause,
): Promise<TransitionOutcome> {
  const row = await lockWorkspace(trx, workspaceId);
  if (row === undefined) return { ok: false, code: 'workspace_not_found', status: null };
  const move = transition(row.status, event, kindOf(row.kind));
  if (!move.ok) return { ok: false, code: move.code, status: row.status };
  const statusChanges = move.to !== row.status;
  const message = cause.message ?? null;
  if (!statusChanges && row.status_reason === cause.reason) return { ok: true, changed: false, status: row.status };
  const written = await trx
    .updateTable('workspaces')
    .set({
      status: move.to,
      status_reason: cause.reason,
      status_message: message,
      ...(statusChanges ? { status_since: cause.now } : {}),
      ...(statusChanges && move.to === 'online' ? { online_at: cause.now } : {}),
      ...(move.to === 'removed' ? { removed_at: cause.now } : {}),
    })
    .where('id', '=', workspaceId)
    .where('status', '=', row.status)
    .returning('id')
    .execute();
  if (written.length === 0) return { ok: true, changed: false, status: row.status };
  await appendEvents(trx, [
    {
      orgId: row.org_id,
      workspaceId,
      type: move.to === 'removed' ? 'workspace.removed' : 'workspace.status',
      actor: cause.actor,
      data: { from: row.status, to: move.to, event, reason: cause.reason, message, nextStep: cause.nextStep ?? null },
    },
  ]);
  return { ok: true, changed: true, status: move.to };
}
