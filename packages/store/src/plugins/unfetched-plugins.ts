import type { Executor } from '../executor.ts';

export interface UnfetchedPlugin {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly source: string;
  readonly attempts: number;
}

/** Declared plugins without an artifact whose time has come; held by the caller's transaction, so that two replicas do not fetch the same. */
export async function unfetchedPlugins(trx: Executor, now: Date, limit: number): Promise<readonly UnfetchedPlugin[]> {
  const rows = await trx
    .selectFrom('workspace_declared_plugins as p')
    .innerJoin('workspaces as w', 'w.id', 'p.workspace_id')
    .select(['w.org_id', 'p.workspace_id', 'p.name', 'p.source', 'p.fetch_attempts'])
    .where('p.artifact', 'is', null)
    .where('w.status', '<>', 'removed')
    .where((eb) => eb.or([eb('p.fetch_after', 'is', null), eb('p.fetch_after', '<=', now)]))
    .orderBy('p.fetch_after', (order) => order.asc().nullsFirst())
    .limit(limit)
    .forUpdate('p')
    .skipLocked()
    .execute();
  return rows.map((row) => ({
    orgId: row.org_id,
    workspaceId: row.workspace_id,
    name: row.name,
    source: row.source,
    attempts: row.fetch_attempts,
  }));
}

/** Notes an attempt: when to try again, and with what it failed. */
export async function keepFetch(
  db: Executor,
  plugin: Pick<UnfetchedPlugin, 'workspaceId' | 'name'>,
  attempt: {
    readonly attempts: number;
    readonly after: Date;
    readonly failure: Readonly<Record<string, unknown>> | null;
  },
): Promise<void> {
  await db
    .updateTable('workspace_declared_plugins')
    .set({
      fetch_attempts: attempt.attempts,
      fetch_after: attempt.after,
      ...(attempt.failure === null ? {} : { fetch_failure: JSON.stringify(attempt.failure) }),
    })
    .where('workspace_id', '=', plugin.workspaceId)
    .where('name', '=', plugin.name)
    .where('artifact', 'is', null)
    .execute();
}
