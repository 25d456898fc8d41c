import type { EventType, MoleculeEvent } from '@molecule/contracts';
import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { type EventCursor, formatCursor, START_CURSOR } from './event-cursor.ts';

export interface StoredEvent extends Omit<MoleculeEvent, 'workspaceId' | 'conversationId' | 'taskId'> {
  readonly orgId: string;
  readonly workspaceId: string | null;
  readonly conversationId: string | null;
  readonly taskId: string | null;
  readonly position: EventCursor;
}

export interface EventFilter {
  readonly orgId?: string;
  readonly workspaceId?: string;
  readonly types?: readonly EventType[];
}

/** Below it nothing can appear any more: the oldest transaction that still goes on, in any database of the server. */
const SETTLED_BEFORE = sql<string>`pg_snapshot_xmin(pg_current_snapshot())`;
/**
 * The same without the transactions of other databases: they write no event here, and on a server that is shared one of them may go on for hours. A
 * transaction that ends between the snapshot and the look at the sessions counts as one of ours; the next look knows better.
 */
const SETTLED_HERE_BEFORE = sql<string>`(
  select coalesce(min(running.xid), pg_snapshot_xmax(pg_current_snapshot()))
  from pg_snapshot_xip(pg_current_snapshot()) as running(xid)
  where not exists (
    select from pg_stat_activity session
    where session.datid <> (select oid from pg_database where datname = current_database())
      and session.backend_xid::text::bigint = running.xid::text::bigint % 4294967296
  )
)`;

/** Events before a cursor, newest first; for people who read history from its end. @param before undefined = from the newest */
export async function readEventsBack(
  db: Executor,
  before: EventCursor | undefined,
  filter: EventFilter,
  limit: number,
): Promise<readonly StoredEvent[]> {
  const rows = await selectEvents(db, filter)
    .$if(before !== undefined, (q) => q.where(sql<boolean>`(xid, id) < (${before?.xid}::xid8, ${before?.id}::bigint)`))
    .orderBy('xid', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toStored);
}

/**
 * Events after a cursor, oldest first. Row ids are given out before commit, so the order is (transaction id, row id) and
 * everything from the oldest transaction still in progress on is held back: no event is skipped and none comes late.
 * @param limit at most this many rows
 * @param until last place to read, for a reader that knows what has come to rest; absent = find out
 */
export async function readEvents(
  db: Executor,
  after: EventCursor,
  filter: EventFilter,
  limit: number,
  until?: EventCursor,
): Promise<readonly StoredEvent[]> {
  const rows = await selectEvents(db, filter, until === undefined)
    .where(sql<boolean>`(xid, id) > (${after.xid}::xid8, ${after.id}::bigint)`)
    .$if(until !== undefined, (q) => q.where(sql<boolean>`(xid, id) <= (${until?.xid}::xid8, ${until?.id}::bigint)`))
    .orderBy('xid')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toStored);
}

/** @param settled only what has come to rest: rows at or after the oldest transaction that still goes on are left for later */
function selectEvents(db: Executor, filter: EventFilter, settled = true) {
  return db
    .selectFrom('events')
    .select(['id', 'org_id', 'type', 'actor', 'workspace_id', 'conversation_id', 'task_id', 'data', 'at'])
    .select(sql<string>`xid::text`.as('xid_text'))
    .$if(settled, (q) => q.where(sql<boolean>`xid < ${SETTLED_HERE_BEFORE}`))
    .$if(filter.orgId !== undefined, (q) => q.where('org_id', '=', filter.orgId ?? ''))
    .$if(filter.workspaceId !== undefined, (q) => q.where('workspace_id', '=', filter.workspaceId ?? ''))
    .$if(filter.types !== undefined, (q) => q.where('type', 'in', [...(filter.types ?? [])]));
}

type EventRow = Awaited<ReturnType<ReturnType<typeof selectEvents>['execute']>>[number];

function toStored(row: EventRow): StoredEvent {
  const position = { xid: row.xid_text, id: row.id };
  return {
    cursor: formatCursor(position),
    position,
    orgId: row.org_id,
    type: row.type as EventType, // the column only ever gets EventType values, see appendEvents
    actor: row.actor,
    workspaceId: row.workspace_id,
    conversationId: row.conversation_id,
    taskId: row.task_id,
    at: row.at.toISOString(),
    data: row.data,
  };
}

/** Cursor of the newest event that a reader may have seen; where a new subscriber starts. */
export async function newestCursor(db: Executor): Promise<EventCursor> {
  const row = await db
    .selectFrom('events')
    .select(['id', sql<string>`xid::text`.as('xid_text')])
    .where(sql<boolean>`xid < ${SETTLED_HERE_BEFORE}`)
    .orderBy('xid', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? START_CURSOR : { xid: row.xid_text, id: row.id };
}

/**
 * For the one reader that follows everything: events after a cursor, with word of rows that lie further on and are still held back. Nothing announces when
 * those come free (a transaction without an event ends silently, and so does one that rolls back): read again soon. One statement, since it runs after every commit.
 * @param lookElsewhere tell transactions of other databases apart, which costs a look at all sessions: worth it for rows that stay held back
 */
export async function followEvents(
  db: Executor,
  after: EventCursor,
  limit: number,
  lookElsewhere = false,
): Promise<{ readonly events: readonly StoredEvent[]; readonly heldBack: boolean }> {
  const rows = await selectEvents(db, {}, false)
    .select(sql<boolean>`xid < ${lookElsewhere ? SETTLED_HERE_BEFORE : SETTLED_BEFORE}`.as('settled'))
    .where(sql<boolean>`(xid, id) > (${after.xid}::xid8, ${after.id}::bigint)`)
    .orderBy('xid')
    .orderBy('id')
    .limit(limit)
    .execute();
  const settled = rows.filter((row) => row.settled); // they come before all others, as the order is by transaction
  return { events: settled.map(toStored), heldBack: settled.length < rows.length };
}
