import { MoleculeError, type TaskEventsRequest, type TurnEvent } from '@molecule/contracts';
import { type Executor, type NewEvent, type TaskRow, takeTurnEvents } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';

/**
 * Takes in events of a running attempt for those who watch, and renews its lease. Events that are there already are left out
 * by their index, so a repeated batch changes nothing.
 * @throws MoleculeError `task_not_found`, `task_not_leased` when another attempt has taken over or the task has ended
 */
export async function takeTaskEvents(
  db: Executor,
  principal: Principal,
  taskId: string,
  batch: TaskEventsRequest,
  now: Date,
): Promise<{ readonly cancel: boolean }> {
  const { workspaceId } = ownWorkspace(principal);
  const { attempt, from, events } = batch;
  const taken = await takeTurnEvents(db, { workspaceId, taskId, attempt, from, events, actor: principal.actor }, now);
  if (taken.verdict === 'unknown') throw new MoleculeError('task_not_found', { params: { task: taskId } });
  if (taken.verdict === 'not_leased') throw new MoleculeError('task_not_leased');
  return { cancel: taken.cancel === true };
}

/** A batch of turn events for the outbox, or none; `from` is the index of its first event within the attempt. */
export function turnEvents(task: TaskRow, events: readonly TurnEvent[], from: number, actor: string): NewEvent[] {
  if (events.length === 0) return [];
  return [
    {
      orgId: task.org_id,
      workspaceId: task.workspace_id,
      conversationId: task.conversation_id,
      taskId: task.id,
      type: 'turn.events',
      actor,
      data: { attempt: task.attempt, from, events },
    },
  ];
}
