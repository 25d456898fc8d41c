import { newId } from '@molecule/contracts';
import type { Insertable, Selectable } from 'kysely';
import type { Executor } from '../executor.ts';
import type { PluginChangesTable } from '../schema.ts';

export type PluginChangeRow = Selectable<PluginChangesTable>;

/** Keeps a plan; an older plan for the same plugin is discarded. Refused by the database while a change of it is being applied. */
export async function insertChange(
  trx: Executor,
  change: Omit<
    Insertable<PluginChangesTable>,
    'id' | 'state' | 'created_at' | 'updated_at' | 'deadline_at' | 'generation' | 'reason'
  >,
  now: Date,
): Promise<PluginChangeRow> {
  await trx
    .updateTable('plugin_changes')
    .set({ state: 'discarded', reason: 'a newer plan', updated_at: now })
    .where('workspace_id', '=', change.workspace_id)
    .where('plugin', '=', change.plugin)
    .where('state', '=', 'planned')
    .execute();
  return trx
    .insertInto('plugin_changes')
    .values({ ...change, id: newId(now.getTime()) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Newest first. */
export async function listChanges(db: Executor, workspaceId: string, limit = 100): Promise<readonly PluginChangeRow[]> {
  return db
    .selectFrom('plugin_changes')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export async function lockChange(trx: Executor, workspaceId: string, id: string): Promise<PluginChangeRow | undefined> {
  return trx
    .selectFrom('plugin_changes')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function updateChange(
  trx: Executor,
  id: string,
  set: Partial<Pick<PluginChangeRow, 'state' | 'reason' | 'deadline_at' | 'generation'>>,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('plugin_changes')
    .set({ ...set, updated_at: now })
    .where('id', '=', id)
    .execute();
}

/** Changes that wait for their proof; held, so that two replicas do not judge the same. */
export async function appliedChanges(trx: Executor, limit: number): Promise<readonly PluginChangeRow[]> {
  return trx
    .selectFrom('plugin_changes')
    .selectAll()
    .where('state', '=', 'applied')
    .orderBy('deadline_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
}
