import { MoleculeError } from '@molecule/contracts';
import { appendEvents, type Executor, insertTurn, lockTask, type TaskRow } from '@molecule/store';
import { finishTask } from './finish-task.ts';

/**
 * Cancels a task. A queued one ends at once; a running one is asked to, and its box is told at once. One that has ended
 * stays as it is.
 */
export async function cancelTask(trx: Executor, task: TaskRow, actor: string, now: Date): Promise<TaskRow> {
  const held = await lockTask(trx, task.workspace_id, task.id);
  if (held === undefined) throw new MoleculeError('task_not_found', { params: { task: task.id } });
  if (held.status === 'queued') {
    const end = {
      status: 'cancelled',
      result: null,
      failure: 'cancelled',
      failureMessage: null,
      resultAttempt: null,
    } as const;
    return (await finishTask(trx, held, end, actor, now)).task;
  }
  if (held.status !== 'running' || held.cancel_requested_at !== null) return held;
  const asked = await trx
    .updateTable('tasks')
    .set({ cancel_requested_at: now })
    .where('id', '=', held.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendEvents(trx, [
    {
      orgId: held.org_id,
      workspaceId: held.workspace_id,
      conversationId: held.conversation_id,
      taskId: held.id,
      type: 'task.updated',
      actor,
      data: { cancelRequested: true, attempt: held.attempt },
    },
  ]);
  return asked;
}

/** Sends the request of a failed or cancelled task once more, as a new task in the same conversation. @throws MoleculeError `task_finished` for one that succeeded or still goes on */
export async function retryTask(trx: Executor, task: TaskRow, actor: string, now: Date): Promise<TaskRow> {
  if (task.status !== 'failed' && task.status !== 'cancelled') throw new MoleculeError('task_finished');
  if (task.conversation_id === null)
    throw new MoleculeError('conversation_not_found', { params: { conversation: 'of the task' } });
  const { taskId } = await insertTurn(
    trx,
    {
      orgId: task.org_id,
      workspaceId: task.workspace_id,
      conversationId: task.conversation_id,
      parentTaskId: task.parent_task_id,
      hop: task.hop,
      prompt: task.prompt,
      // Two clicks on "retry" are one retry.
      idempotencyKey: `retry:${task.id}`,
      requestDigest: null,
      deadlineAt: null,
      actor,
      touches: true,
    },
    now,
  );
  const again = await lockTask(trx, task.workspace_id, taskId);
  if (again === undefined) throw new MoleculeError('task_not_found', { params: { task: taskId } });
  return again;
}
