import type { Message } from '@molecule/contracts';
import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { MessagesTable } from '../schema.ts';

export type MessageRow = Selectable<MessagesTable>;

export async function messagesOfTask(db: Executor, taskId: string): Promise<readonly MessageRow[]> {
  return db.selectFrom('messages').selectAll().where('task_id', '=', taskId).orderBy('id').execute();
}

export interface MessageQuery {
  readonly workspaceId?: string;
  readonly conversationId?: string;
  /** Id of the last message seen; the list goes on after it, in its order. */
  readonly after?: string;
  /** `newest`: newest first, so that a long conversation can be read from its end. Default: in the order taken in. */
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
}

/** Messages in the order in which they were taken in, or the other way round. */
export async function listMessages(db: Executor, query: MessageQuery): Promise<readonly MessageRow[]> {
  const newest = query.order === 'newest';
  return db
    .selectFrom('messages')
    .selectAll()
    .$if(query.workspaceId !== undefined, (q) => q.where('workspace_id', '=', query.workspaceId ?? ''))
    .$if(query.conversationId !== undefined, (q) => q.where('conversation_id', '=', query.conversationId ?? ''))
    .$if(query.after !== undefined, (q) => q.where('id', newest ? '<' : '>', query.after ?? ''))
    .orderBy('id', newest ? 'desc' : 'asc')
    .limit(query.limit)
    .execute();
}

/**
 * What was said before a task in its conversation, oldest first, for a runtime without a session to resume.
 * @param limit at most this many messages, the newest
 */
export async function historyBefore(
  db: Executor,
  conversationId: string,
  taskId: string,
  limit: number,
): Promise<readonly { readonly role: 'user' | 'agent'; readonly text: string }[]> {
  const { rows } = await sql<{ role: 'user' | 'agent'; text: string }>`
    select role, text from messages
    where conversation_id = ${conversationId} and status = 'complete' and role in ('user', 'agent')
      and id < (select id from messages where task_id = ${taskId} order by id limit 1)
    order by id desc limit ${limit}`.execute(db);
  return rows.reverse();
}

export function publicMessage(row: MessageRow): Message {
  return {
    id: row.id as Message['id'],
    conversationId: row.conversation_id as Message['conversationId'],
    workspaceId: row.workspace_id as Message['workspaceId'], // uuid columns
    role: row.role,
    status: row.status,
    text: row.text,
    taskId: row.task_id as Message['taskId'], // uuid column
    parts: row.parts as Message['parts'], // written only by writeTurnEnd
    createdAt: row.created_at.toISOString(),
  };
}
