import { newId } from '@molecule/contracts';
import { sql } from 'kysely';
import { type MessageRow, publicMessage } from '../conversations/message-repository.ts';
import type { NewEvent } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import type { TaskRow } from './task-repository.ts';

export interface NewTurn {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly conversationId: string;
  readonly parentTaskId: string | null;
  readonly hop: number;
  readonly prompt: string;
  readonly idempotencyKey: string | null;
  readonly requestDigest: Buffer | null;
  readonly deadlineAt: Date | null;
  readonly actor: string;
  /** Note the time in the conversation. Not for every message, so that its row, which all of the conversation write, is hardly ever waited for. */
  readonly touches: boolean;
}

export interface InsertedTurn {
  readonly taskId: string;
  readonly question: MessageRow;
}

/**
 * Puts tasks into the queue, each with its question, its pending answer and the events that announce them, in one statement however many there
 * are: what messages cost. All or none: a used idempotency key violates `tasks_idempotency`.
 * @returns one entry for each turn, in their order
 */
export async function insertTurns(
  db: Executor,
  turns: readonly NewTurn[],
  now: Date,
): Promise<readonly InsertedTurn[]> {
  const made = turns.map((turn) => makeTurn(turn, now));
  const rowsOf = (rows: readonly object[]): string => JSON.stringify(rows);
  await sql`
    with task as (
      insert into tasks (id, org_id, workspace_id, conversation_id, parent_task_id, hop, prompt, created_by, idempotency_key, request_digest, deadline_at, created_at)
      select * from json_to_recordset(${rowsOf(made.map((each) => each.task))}::json) as given(id uuid, org_id uuid, workspace_id uuid, conversation_id uuid,
        parent_task_id uuid, hop int, prompt text, created_by text, idempotency_key text, request_digest bytea, deadline_at timestamptz, created_at timestamptz)),
    turn as (
      insert into messages (id, org_id, workspace_id, conversation_id, role, status, text, task_id, created_by, created_at)
      select * from json_to_recordset(${rowsOf(made.flatMap((each) => each.messages))}::json) as given(id uuid, org_id uuid, workspace_id uuid, conversation_id uuid,
        role text, status text, text text, task_id uuid, created_by text, created_at timestamptz)),
    conversation as (
      update conversations c set updated_at = greatest(c.updated_at, ${now}) from (
        select id from conversations where id = any (${turns.flatMap((turn) => (turn.touches ? [turn.conversationId] : []))}::uuid[]) order by id for no key update) held
      where c.id = held.id)
    insert into events (org_id, workspace_id, conversation_id, task_id, type, actor, data)
    select "orgId", "workspaceId", "conversationId", "taskId", type, actor, data
    from json_to_recordset(${rowsOf(made.flatMap((each) => each.events))}::json) as given("orgId" uuid, "workspaceId" uuid, "conversationId" uuid, "taskId" uuid,
      type text, actor text, data jsonb)`.execute(db);
  return made.map(({ taskId, question }) => ({ taskId, question }));
}

/** The same for one turn. */
export async function insertTurn(db: Executor, turn: NewTurn, now: Date): Promise<InsertedTurn> {
  const [made] = await insertTurns(db, [turn], now);
  if (made === undefined) throw new Error('a turn was given and none was made');
  return made;
}

/** Rows of one turn; ids in the order in which they shall be listed. */
function makeTurn(turn: NewTurn, now: Date) {
  const at = now.getTime();
  const taskId = newId(at);
  const about = {
    org_id: turn.orgId,
    workspace_id: turn.workspaceId,
    conversation_id: turn.conversationId,
    created_at: now,
  };
  const task = {
    ...about,
    id: taskId,
    parent_task_id: turn.parentTaskId,
    hop: turn.hop,
    prompt: turn.prompt,
    created_by: turn.actor,
    idempotency_key: turn.idempotencyKey,
    request_digest: turn.requestDigest === null ? null : `\\x${turn.requestDigest.toString('hex')}`,
    deadline_at: turn.deadlineAt,
  };
  const message = { ...about, task_id: taskId, parts: [] };
  const question: MessageRow = {
    ...message,
    id: newId(at),
    role: 'user',
    status: 'complete',
    text: turn.prompt,
    created_by: turn.actor,
  };
  const answer: MessageRow = {
    ...message,
    id: newId(at),
    role: 'agent',
    status: 'pending',
    text: '',
    created_by: `box:${turn.workspaceId}`,
  };
  const event = {
    orgId: turn.orgId,
    workspaceId: turn.workspaceId,
    conversationId: turn.conversationId,
    taskId,
    actor: turn.actor,
  };
  const added = (row: MessageRow): NewEvent => ({
    ...event,
    type: 'message.created',
    data: { message: publicMessage(row) },
  });
  const queued: NewEvent = {
    ...event,
    type: 'task.created',
    data: { status: 'queued' satisfies TaskRow['status'], attempt: 0 },
  };
  return { taskId, task, question, messages: [question, answer], events: [added(question), added(answer), queued] };
}
