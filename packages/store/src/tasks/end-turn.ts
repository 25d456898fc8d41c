import type { FailureCode, TurnEvent } from '@molecule/contracts';
import { sql } from 'kysely';
import type { MessageRow } from '../conversations/message-repository.ts';
import type { NewEvent } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import { HAS_WORK } from './may-work.ts';
import type { TaskRow } from './task-repository.ts';

export interface TaskEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly result: string | null;
  readonly failure: FailureCode | null;
  readonly failureMessage: string | null;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  /** Attempt whose result this is; null when nobody delivered one. */
  readonly resultAttempt: number | null;
}

/** The answer of a task as it shall be, and as it is once that is written. */
export function answered(
  pending: MessageRow,
  answer: { readonly status: 'complete' | 'failed'; readonly text: string; readonly parts: readonly TurnEvent[] },
): MessageRow {
  return { ...pending, ...answer, parts: [...answer.parts] };
}

/** A task as it is once its end is written. */
export function endedTask(task: TaskRow, end: TaskEnd, now: Date): TaskRow {
  return {
    ...task,
    status: end.status,
    result: end.result,
    failure: end.failure,
    failure_message: end.failureMessage,
    result_attempt: end.resultAttempt,
    ended_at: now,
    lease_until: null,
    usage: end.usage ?? null,
  };
}

/** The answer that a task still owes; undefined when it was given, or when none is owed. */
export async function pendingAnswer(trx: Executor, taskId: string): Promise<MessageRow | undefined> {
  return trx
    .selectFrom('messages')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('role', '=', 'agent')
    .where('status', '=', 'pending')
    .executeTakeFirst();
}

export interface TurnEnd {
  readonly task: TaskRow;
  readonly answer: MessageRow | undefined;
  /** Session that the runtime made, for the next turn of the conversation; null = as it was. */
  readonly sessionId: string | null;
  readonly events: readonly NewEvent[];
}

/**
 * Writes the end of a task with its answer, the conversation's session and the events that tell of it, in one statement. `task.ended` among the events gets `more`: whether the
 * workspace has something else to lease, by which its host is told to.
 * @param trx a transaction that holds the task's row, which has not ended
 * @returns the same `more`
 */
export async function writeTurnEnd(trx: Executor, end: TurnEnd, now: Date): Promise<boolean> {
  const { task, answer } = end;
  const { rows } = await sql<{ more: boolean }>`
    with work as (
      select ${HAS_WORK} as more, w.runtime from workspaces w where w.id = ${task.workspace_id}),
    task as (
      update tasks set status = ${task.status}, result = ${task.result}, failure = ${task.failure}, failure_message = ${task.failure_message},
        result_attempt = ${task.result_attempt}, ended_at = ${task.ended_at}, lease_until = null, usage = ${task.usage === null ? null : JSON.stringify(task.usage)}::jsonb
      where id = ${task.id}),
    answer as (
      update messages set status = ${answer?.status ?? null}, text = ${answer?.text ?? null}, parts = ${JSON.stringify(answer?.parts ?? [])}::jsonb
      where id = ${answer?.id ?? null}::uuid),
    conversation as (
      update conversations c set updated_at = greatest(c.updated_at, ${now}), session_id = coalesce(${end.sessionId}, c.session_id),
        session_runtime = case when ${end.sessionId}::text is null then c.session_runtime else work.runtime end
      from work where c.id = ${task.conversation_id}),
    told as (
      insert into events (org_id, workspace_id, conversation_id, task_id, type, actor, data)
      select "orgId", "workspaceId", "conversationId", "taskId", type, actor, case when type = 'task.ended' then data || jsonb_build_object('more', work.more) else data end
      from json_to_recordset(${JSON.stringify(end.events)}::json)
        as given("orgId" uuid, "workspaceId" uuid, "conversationId" uuid, "taskId" uuid, type text, actor text, data jsonb) cross join work)
    select more from work`.execute(trx);
  return rows[0]?.more === true;
}
