import { appendAudit } from '../audit/audit-log.ts';
import type { Executor } from '../executor.ts';

export interface Allowlist {
  /** Null = the whole org. */
  readonly workspaceId: string | null;
  /** Keys as `allowlistKey` makes them. */
  readonly entries: readonly string[];
}

/** All lists of an org, the org's own first. No list at a level = that level restricts nothing. */
export async function listAllowlists(db: Executor, orgId: string): Promise<readonly Allowlist[]> {
  const rows = await db
    .selectFrom('plugin_allowlists')
    .select(['workspace_id', 'entries'])
    .where('org_id', '=', orgId)
    .orderBy('workspace_id', (order) => order.asc().nullsFirst())
    .execute();
  return rows.map((row) => ({ workspaceId: row.workspace_id, entries: row.entries }));
}

/** Sets the list of a level, or takes it away with null. Audited. */
export async function storeAllowlist(
  trx: Executor,
  list: {
    readonly orgId: string;
    readonly workspaceId: string | null;
    readonly entries: readonly string[] | null;
    readonly actor: string;
  },
  now: Date,
): Promise<void> {
  const { orgId, workspaceId, entries, actor } = list;
  if (entries === null) {
    await trx
      .deleteFrom('plugin_allowlists')
      .where('org_id', '=', orgId)
      .where('workspace_id', workspaceId === null ? 'is' : '=', workspaceId)
      .execute();
  } else {
    const values = { entries: [...entries], updated_by: actor, updated_at: now };
    await trx
      .insertInto('plugin_allowlists')
      .values({ org_id: orgId, workspace_id: workspaceId, ...values })
      .onConflict((conflict) => conflict.columns(['org_id', 'workspace_id']).doUpdateSet(values))
      .execute();
  }
  await appendAudit(trx, { orgId, actor, action: 'plugin.allowlist', target: workspaceId, data: { entries } }, now);
}
