import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

/** Notifications: `call WORKSPACE ID` when a request waits for its box, `reply ID` when its answer is there. */
export const BOX_CALL_CHANNEL = 'molecule_box_calls';
/** A request is waited for no longer than this; what is older is nobody's. */
const FORGOTTEN_MS = 5 * 60_000;

export interface BoxCallKey {
  readonly id: string;
  readonly workspaceId: string;
  readonly bootId: string;
}

/** Leaves a request for the box of a boot, and tells whoever holds its line. */
export async function leaveBoxCall(db: Executor, key: BoxCallKey, request: string, now: Date): Promise<void> {
  await sql`with made as (
    insert into box_calls (id, workspace_id, boot_id, request, created_at)
    values (${key.id}, ${key.workspaceId}, ${key.bootId}, ${request}, ${now}) returning id
  ) select pg_notify(${BOX_CALL_CHANNEL}, 'call ' || ${key.workspaceId}::text || ' ' || id::text) from made`.execute(
    db,
  );
}

/** Gives the request to its box, once. @returns null when it was taken before, or is not for this boot */
export async function takeBoxCall(db: Executor, key: BoxCallKey): Promise<string | null> {
  const { rows } = await sql<{ request: string }>`update box_calls c set request = null from
    (select id, request from box_calls where id = ${key.id} and workspace_id = ${key.workspaceId} and boot_id = ${key.bootId} and request is not null for update) old
    where c.id = old.id returning old.request`.execute(db);
  return rows[0]?.request ?? null;
}

/** Keeps the answer and tells who waits. @returns false when nobody does */
export async function replyToBoxCall(db: Executor, key: BoxCallKey, reply: string): Promise<boolean> {
  const { rows } = await sql`with told as (
    update box_calls set reply = ${reply}
    where id = ${key.id} and workspace_id = ${key.workspaceId} and boot_id = ${key.bootId} and request is null and reply is null returning id
  ) select pg_notify(${BOX_CALL_CHANNEL}, 'reply ' || id::text) from told`.execute(db);
  return rows.length > 0;
}

/** How far a request has come; undefined when it is gone. */
export async function readBoxCall(
  db: Executor,
  id: string,
): Promise<{ readonly taken: boolean; readonly reply: string | null } | undefined> {
  const row = await db.selectFrom('box_calls').select(['request', 'reply']).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { taken: row.request === null, reply: row.reply };
}

/** Removes a request that is no longer waited for, and those of replicas that were killed while they waited. */
export async function forgetBoxCall(db: Executor, id: string, now: Date): Promise<void> {
  await db
    .deleteFrom('box_calls')
    .where((eb) => eb.or([eb('id', '=', id), eb('created_at', '<', new Date(now.getTime() - FORGOTTEN_MS))]))
    .execute();
}
