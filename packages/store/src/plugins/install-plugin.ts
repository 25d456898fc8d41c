import { MoleculeError } from '@molecule/contracts';
import { sql } from 'kysely';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import { type EntitlementRules, type PluginRecord, recordPlugin } from './record-plugin.ts';

export interface PluginInstallation extends PluginRecord {
  readonly artifact: string;
  readonly resolved: string;
}

/** Records a plugin that somebody installed; one of the same name is replaced. @throws MoleculeError see `recordPlugin`, and `plugin_protected` */
export async function installPlugin(
  trx: Executor,
  installation: PluginInstallation,
  rules: EntitlementRules,
  now: Date,
): Promise<void> {
  const { name, source, artifact, resolved, actor } = installation;
  await recordPlugin(trx, installation, rules, now, {
    event: 'plugin.installed',
    isGuarded: false,
    upsert: ({ privileged, where }) => sql`
      insert into workspace_plugins (workspace_id, workspace_kind, name, source, privileged, artifact, resolved, installed_by, installed_at, updated_at)
      select id, kind, ${name}, ${source}, ${privileged}, ${artifact}, ${resolved}, ${actor}, ${now}, ${now} ${where}
      on conflict (workspace_id, name) do update set source = excluded.source, privileged = excluded.privileged, artifact = excluded.artifact,
        resolved = excluded.resolved, installed_by = excluded.installed_by, updated_at = excluded.updated_at`,
  });
}

/**
 * Takes a plugin away, whether it was installed or declared.
 * @throws MoleculeError `plugin_protected` for one that the desired set always has, `plugin_not_found`
 */
export async function uninstallPlugin(
  trx: Executor,
  removal: { readonly orgId: string; readonly workspaceId: string; readonly name: string; readonly actor: string },
): Promise<void> {
  const { orgId, workspaceId, name, actor } = removal;
  const held = await trx
    .selectFrom('workspace_declared_plugins')
    .select('protected')
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (held?.protected === true) throw new MoleculeError('plugin_protected', { params: { plugin: name } });
  const installed = await trx
    .deleteFrom('workspace_plugins')
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', name)
    .executeTakeFirst();
  const declared = await trx
    .deleteFrom('workspace_declared_plugins')
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (installed.numDeletedRows + declared.numDeletedRows === 0n)
    throw new MoleculeError('plugin_not_found', { params: { plugin: name } });
  // What was accepted stays on record for the case that the same artifact comes again; what was not accepted waits for nobody any more.
  await trx
    .updateTable('plugin_tool_pins')
    .set({ state: 'pinned', seen: null })
    .where('workspace_id', '=', workspaceId)
    .where('plugin', '=', name)
    .execute();
  await appendEvents(trx, [{ orgId, workspaceId, type: 'plugin.uninstalled', actor, data: { name } }]);
}
