import type { TurnEvent } from '@molecule/contracts';
import {
  answered,
  type Executor,
  endedTask,
  type NewEvent,
  pendingAnswer,
  publicMessage,
  publicTask,
  type TaskEnd,
  type TaskRow,
  writeTurnEnd,
} from '@molecule/store';

/** Most tool calls and errors that a message keeps for display. */
const MOST_PARTS = 1_000;
const KEPT: ReadonlySet<TurnEvent['type']> = new Set(['tool_call', 'tool_result', 'permission_denied', 'error']);

export interface Answer {
  readonly text: string;
  /** Events of the attempt that ended the task. */
  readonly events: readonly TurnEvent[];
  /** Those of them that are not streamed yet, as an event. */
  readonly unstreamed?: readonly NewEvent[];
  /** Session that the runtime made. */
  readonly sessionId?: string | null;
}

const NO_ANSWER: Answer = { text: '', events: [] };

/**
 * Ends a task: the task, its answer in the conversation and their events.
 * @param trx a transaction that holds the task's row
 * @param task a task that has not ended
 * @returns the task as it is now, and whether its workspace has more to do
 */
export async function finishTask(
  trx: Executor,
  task: TaskRow,
  end: TaskEnd,
  actor: string,
  now: Date,
  answer: Answer = NO_ANSWER,
): Promise<{ readonly task: TaskRow; readonly more: boolean }> {
  const ended = endedTask(task, end, now);
  const about = {
    orgId: task.org_id,
    workspaceId: task.workspace_id,
    conversationId: task.conversation_id,
    taskId: task.id,
    actor,
  };
  const pending = await pendingAnswer(trx, task.id);
  const message =
    pending === undefined
      ? undefined
      : answered(pending, {
          status: end.status === 'completed' ? 'complete' : 'failed',
          text: answer.text,
          parts: answer.events.filter((event) => KEPT.has(event.type)).slice(0, MOST_PARTS),
        });
  const { result: _result, prompt: _prompt, ...shown } = publicTask(ended);
  const events: NewEvent[] = [
    ...(answer.unstreamed ?? []),
    ...(message === undefined
      ? []
      : [{ ...about, type: 'message.updated' as const, data: { message: publicMessage(message) } }]),
    { ...about, type: 'task.ended', data: shown },
  ];
  const sessionId = answer.sessionId ?? null;
  return { task: ended, more: await writeTurnEnd(trx, { task: ended, answer: message, sessionId, events }, now) };
}
