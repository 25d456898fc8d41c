import { type FailureCode, MoleculeError, type TaskResultRequest, type TaskStatus } from '@molecule/contracts';
import { isAttemptedAgain } from '@molecule/domain';
import { appendEvents, type Executor, lockTask, requeueTask, type TaskEnd, type TaskRow } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';
import { finishTask } from './finish-task.ts';
import { turnEvents } from './take-events.ts';

interface TakenResult {
  readonly accepted: boolean;
  readonly status: TaskStatus;
  /** The workspace may have something to lease. */
  readonly more: boolean;
}

/**
 * Takes in the terminal result of an attempt. Fencing is by the attempt's number alone: a result that a box kept on its disk over a
 * restart counts as long as no later attempt was leased. Accepted exactly once; a repeat gets the same answer. An attempt that was
 * interrupted ends nothing: the task is queued for the next one.
 * @throws MoleculeError `task_not_found`
 */
export async function takeTaskResult(
  trx: Executor,
  principal: Principal,
  taskId: string,
  result: TaskResultRequest,
  now: Date,
): Promise<TakenResult> {
  const { workspaceId } = ownWorkspace(principal);
  const task = await lockTask(trx, workspaceId, taskId);
  if (task === undefined) throw new MoleculeError('task_not_found', { params: { task: taskId } });
  if (task.status !== 'queued' && task.status !== 'running')
    return { accepted: task.result_attempt === result.attempt, status: task.status, more: true };
  if (task.attempt !== result.attempt) return { accepted: false, status: task.status, more: true };
  const failure = failureOf(task, result);
  // What was streamed before is not repeated; what was lost on the way is made good.
  const unstreamed = turnEvents(task, result.events.slice(task.events_seen), task.events_seen, principal.actor);
  const isInterrupted =
    !result.ok && task.cancel_requested_at === null && isAttemptedAgain(failure, task.attempt, task.max_attempts);
  if (isInterrupted) {
    await appendEvents(trx, unstreamed);
    return requeue(trx, task, failure, result.message);
  }
  const { text, events, sessionId } = result;
  const answer = { text, events, unstreamed, sessionId };
  const ended = await finishTask(trx, task, endOf(result, failure), principal.actor, now, answer);
  return { accepted: true, status: ended.task.status, more: ended.more };
}

/** A turn that was ended although nobody cancelled its task was interrupted, whatever its box calls that. */
function failureOf(task: TaskRow, { ok, failure }: TaskResultRequest): FailureCode | null {
  return !ok && failure === 'cancelled' && task.cancel_requested_at === null ? 'lost' : failure;
}

async function requeue(
  trx: Executor,
  task: TaskRow,
  reason: FailureCode | null,
  message: string | null,
): Promise<TakenResult> {
  await requeueTask(trx, task.id);
  const data = { status: 'queued', attempt: task.attempt, reason, message };
  await appendEvents(trx, [
    {
      orgId: task.org_id,
      workspaceId: task.workspace_id,
      conversationId: task.conversation_id,
      taskId: task.id,
      type: 'task.updated',
      actor: 'system',
      data,
    },
  ]);
  return { accepted: true, status: 'queued', more: true };
}

function endOf(result: TaskResultRequest, failure: FailureCode | null): TaskEnd {
  const common = { resultAttempt: result.attempt, usage: result.usage };
  if (result.ok) return { ...common, status: 'completed', result: result.text, failure: null, failureMessage: null };
  if (failure === 'cancelled')
    return { ...common, status: 'cancelled', result: null, failure: 'cancelled', failureMessage: result.message };
  // A failure without a code is one of the adapter.
  return {
    ...common,
    status: 'failed',
    result: null,
    failure: failure ?? 'protocol',
    failureMessage: result.message,
  };
}
