import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

export interface OpenTerminal {
  readonly id: string;
  readonly orgId: string;
  readonly workspaceId: string;
  readonly bootId: string;
  readonly openedBy: string;
}

/** Notes a terminal, so that its end comes on record whatever becomes of its box. */
export async function noteTerminal(trx: Executor, terminal: OpenTerminal, now: Date): Promise<void> {
  await trx
    .insertInto('open_terminals')
    .values({
      id: terminal.id,
      org_id: terminal.orgId,
      workspace_id: terminal.workspaceId,
      boot_id: terminal.bootId,
      opened_by: terminal.openedBy,
      opened_at: now,
    })
    .execute();
}

/** The end of a terminal of this workspace is on record, or it was never opened. */
export async function forgetTerminal(trx: Executor, id: string, workspaceId: string): Promise<void> {
  await trx.deleteFrom('open_terminals').where('id', '=', id).where('workspace_id', '=', workspaceId).execute();
}

/**
 * Takes out the terminals whose box has been gone since `before`: another boot has taken its place, or its workspace has none. Until then
 * the box itself may tell how they ended.
 */
export async function takeLostTerminals(
  trx: Executor,
  before: Date,
  limit: number,
): Promise<readonly Pick<OpenTerminal, 'id' | 'orgId' | 'workspaceId' | 'openedBy'>[]> {
  const { rows } = await sql<Pick<OpenTerminal, 'id' | 'orgId' | 'workspaceId' | 'openedBy'>>`
    delete from open_terminals t using (
      select o.id from open_terminals o join workspaces w on w.id = o.workspace_id
      where (w.boot_id is distinct from o.boot_id and coalesce(w.boot_started_at, w.status_since) < ${before})
         or (w.status in ('offline', 'paused', 'hibernated', 'removed') and w.status_since < ${before})
      order by o.id limit ${limit} for update of o skip locked
    ) lost where t.id = lost.id
    returning t.id, t.org_id as "orgId", t.workspace_id as "workspaceId", t.opened_by as "openedBy"`.execute(trx);
  return rows;
}
