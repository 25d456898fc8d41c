import { MoleculeError, type PluginManifest } from '@molecule/contracts';
import { type CatalogueEntry, isPrivileged, kindOf, mayHave, pluginKeys, type SourceHosts } from '@molecule/domain';
import { type RawBuilder, sql } from 'kysely';
import { appendAudit } from '../audit/audit-log.ts';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';

export interface PluginRecord {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly source: string;
  readonly artifact: string | null;
  readonly resolved: string | null;
  readonly actor: string;
  /** What the package says of itself, when it was fetched: a renamed fork is known by it. */
  readonly manifest?: PluginManifest | undefined;
}

export interface EntitlementRules {
  readonly catalogue: readonly CatalogueEntry[];
  readonly hosts?: SourceHosts | undefined;
}

/** Upsert of one row of either table. It is given the columns that the check has settled. */
export type PluginUpsert = (settled: {
  readonly privileged: boolean;
  readonly where: RawBuilder<unknown>;
}) => RawBuilder<unknown>;

/**
 * The one function behind every declaration and every install, whatever its route (B22, B30, T16). An ordinary plugin is one upsert and no read of the kind (B25,
 * T11); a privileged one reads the kind inside the same transaction, is refused without any row on an ordinary workspace (B23, B26, T8,
 * T9), and is audited (B31). The org's allowlist is part of the upsert itself. Below it the schema makes the illegal row impossible.
 *
 * @param isGuarded protected first-party plugins are outside of the allowlist
 * @throws MoleculeError `plugin_not_entitled`, `plugin_not_allowed`, `workspace_not_found`
 */
export async function recordPlugin(
  trx: Executor,
  record: PluginRecord,
  rules: EntitlementRules,
  now: Date,
  how: {
    readonly event: 'plugin.declared' | 'plugin.installed';
    readonly isGuarded: boolean;
    readonly upsert: PluginUpsert;
  },
): Promise<void> {
  const identity = { name: record.name, source: record.source, digest: record.artifact, manifest: record.manifest };
  const privileged = isPrivileged(identity, rules.catalogue, rules.hosts);
  if (privileged) await demandPlatform(trx, record);
  const keys = [...pluginKeys({ source: record.source, digest: record.artifact }, rules.hosts)];
  const allowed = how.isGuarded ? sql`true` : sql`plugin_allowed(id, ${keys}::text[])`;
  const where = sql`from workspaces where id = ${record.workspaceId} and org_id = ${record.orgId} and status <> 'removed' and ${allowed}`;
  const written = await how.upsert({ privileged, where }).execute(trx);
  if (written.numAffectedRows !== 1n) throw await refusal(trx, record);
  const data = {
    name: record.name,
    source: record.source,
    resolved: record.resolved,
    digest: record.artifact,
    privileged,
  };
  await appendEvents(trx, [
    { orgId: record.orgId, workspaceId: record.workspaceId, type: how.event, actor: record.actor, data },
  ]);
  if (privileged) {
    await appendAudit(
      trx,
      {
        orgId: record.orgId,
        actor: record.actor,
        action: 'plugin.grant',
        target: record.workspaceId,
        data: { plugin: record.name, source: record.source },
      },
      now,
    );
  }
}

async function demandPlatform(trx: Executor, record: PluginRecord): Promise<void> {
  const row = await trx
    .selectFrom('workspaces')
    .select('kind')
    .where('id', '=', record.workspaceId)
    .where('org_id', '=', record.orgId)
    .forShare()
    .executeTakeFirst();
  if (!mayHave(kindOf(row?.kind), true))
    throw new MoleculeError('plugin_not_entitled', { params: { plugin: record.name } });
}

/** Nothing was written: says why. The only query that a refusal costs. */
async function refusal(trx: Executor, record: PluginRecord): Promise<MoleculeError> {
  const row = await trx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', record.workspaceId)
    .where('org_id', '=', record.orgId)
    .where('status', '<>', 'removed')
    .executeTakeFirst();
  if (row === undefined) return new MoleculeError('workspace_not_found', { params: { workspace: record.workspaceId } });
  return new MoleculeError('plugin_not_allowed', { params: { source: record.source } });
}
