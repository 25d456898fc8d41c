import type { BootEvent, BootEventsRequest } from '@molecule/contracts';
import type { Selectable } from 'kysely';
import type { Executor } from '../executor.ts';
import type { BootEventsTable } from '../schema.ts';

export type BootEventRow = Selectable<BootEventsTable>;
type Numbered = BootEventsRequest['events'][number];

/** Keeps the steps of a boot; a step that is there already (same boot, same seq) changes nothing. Returns the new ones. */
export async function insertBootEvents(
  trx: Executor,
  workspaceId: string,
  bootId: string,
  events: readonly Numbered[],
): Promise<readonly Numbered[]> {
  const inserted = await trx
    .insertInto('boot_events')
    .values(
      events.map((event) => ({
        workspace_id: workspaceId,
        boot_id: bootId,
        seq: event.seq,
        step: event.step,
        ok: event.ok,
        at: new Date(event.at),
        duration_ms: event.durationMs,
        code: event.code,
        message: event.message,
        next_step: event.nextStep,
        detail: JSON.stringify(event.detail),
      })),
    )
    .onConflict((oc) => oc.doNothing())
    .returning('seq')
    .execute();
  const fresh = new Set(inserted.map((row) => row.seq));
  // A request that names one seq twice inserted only the first.
  return events.filter((event) => fresh.delete(event.seq));
}

/** Steps of a workspace's boots, newest first; `before` = at and seq of the last one seen. */
export async function listBootEvents(
  db: Executor,
  workspaceId: string,
  before: { readonly at: Date; readonly seq: number } | undefined,
  limit: number,
): Promise<readonly BootEventRow[]> {
  return db
    .selectFrom('boot_events')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (q) =>
      q.where((eb) => eb(eb.refTuple('at', 'seq'), '<', eb.tuple(before?.at ?? new Date(0), before?.seq ?? 0))),
    )
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
}

export function publicBootEvent(row: BootEventRow): BootEvent {
  return {
    step: row.step,
    ok: row.ok,
    at: row.at.toISOString(),
    durationMs: row.duration_ms,
    code: row.code,
    message: row.message,
    nextStep: row.next_step,
    detail: row.detail,
  };
}
