import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

/** Where somebody wants a message to go. */
export interface MessageAddress {
  readonly orgId: string;
  readonly workspaceId: string;
  /** Null = the newest conversation of the workspace. */
  readonly conversationId: string | null;
  readonly idempotencyKey: string | null;
}

export interface MessageTarget {
  readonly status: string;
  /** Null = there is none yet, or not the one that was named. */
  readonly conversationId: string | null;
  readonly conversationUpdatedAt: Date | null;
  /** A task with the idempotency key exists. */
  readonly known: boolean;
}

/** Looks up any number of addresses with one statement. @returns one entry for each address in their order; undefined = no such workspace in the org */
export async function findMessageTargets(
  db: Executor,
  addresses: readonly MessageAddress[],
): Promise<readonly (MessageTarget | undefined)[]> {
  const { rows } = await sql<MessageTarget & { readonly place: number }>`
    select a.place::int, w.status, c.id as "conversationId", c.updated_at as "conversationUpdatedAt",
      exists (select from tasks t where t.workspace_id = w.id and t.idempotency_key = a.idempotency_key) as known
    from unnest(${addresses.map((each) => each.orgId)}::uuid[], ${addresses.map((each) => each.workspaceId)}::uuid[],
      ${addresses.map((each) => each.conversationId)}::uuid[], ${addresses.map((each) => each.idempotencyKey)}::text[])
      with ordinality as a(org_id, workspace_id, conversation_id, idempotency_key, place)
    join workspaces w on w.org_id = a.org_id and w.id = a.workspace_id
    left join lateral (
      select id, updated_at from conversations
      where workspace_id = w.id and (a.conversation_id is null or id = a.conversation_id) order by id desc limit 1) c on true`.execute(
    db,
  );
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return addresses.map((_, index) => byPlace.get(index + 1));
}
