import type { Conversation } from '@molecule/contracts';
import { newId } from '@molecule/contracts';
import type { Selectable } from 'kysely';
import type { Executor } from '../executor.ts';
import type { ConversationsTable } from '../schema.ts';

export type ConversationRow = Selectable<ConversationsTable>;

export async function insertConversation(
  trx: Executor,
  orgId: string,
  workspaceId: string,
  title: string,
  now: Date,
): Promise<ConversationRow> {
  return trx
    .insertInto('conversations')
    .values({
      id: newId(now.getTime()),
      org_id: orgId,
      workspace_id: workspaceId,
      title,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findConversation(db: Executor, orgId: string, id: string): Promise<ConversationRow | undefined> {
  return db.selectFrom('conversations').selectAll().where('org_id', '=', orgId).where('id', '=', id).executeTakeFirst();
}

/** The conversation that a message without one goes on with. */
export async function newestConversation(db: Executor, workspaceId: string): Promise<ConversationRow | undefined> {
  return db
    .selectFrom('conversations')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Conversations of a workspace, newest first. */
export async function listConversations(
  db: Executor,
  workspaceId: string,
  before: string | undefined,
  limit: number,
): Promise<readonly ConversationRow[]> {
  return db
    .selectFrom('conversations')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (q) => q.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export function publicConversation(row: ConversationRow): Conversation {
  return {
    id: row.id as Conversation['id'],
    workspaceId: row.workspace_id as Conversation['workspaceId'], // uuid columns
    title: row.title,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
