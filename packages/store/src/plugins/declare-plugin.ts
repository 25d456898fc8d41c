import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { type EntitlementRules, type PluginRecord, recordPlugin } from './record-plugin.ts';

export interface PluginDeclaration extends PluginRecord {
  /** Protected plugins are part of the desired set whatever happens, and cannot be removed. */
  readonly protected: boolean;
}

/**
 * Records that a workspace shall have a plugin: provisioning, templates, imports, workspace files. Without an artifact it is fetched later. Idempotent.
 * @throws MoleculeError see `recordPlugin`
 */
export async function declarePlugin(
  trx: Executor,
  declaration: PluginDeclaration,
  rules: EntitlementRules,
  now: Date,
): Promise<void> {
  const { name, source, artifact, resolved, actor } = declaration;
  await recordPlugin(trx, declaration, rules, now, {
    event: 'plugin.declared',
    isGuarded: declaration.protected,
    upsert: ({ privileged, where }) => sql`
      insert into workspace_declared_plugins (workspace_id, workspace_kind, name, source, privileged, protected, artifact, resolved, declared_by, declared_at, updated_at)
      select id, kind, ${name}, ${source}, ${privileged}, ${declaration.protected}, ${artifact}, ${resolved}, ${actor}, ${now}, ${now} ${where}
      on conflict (workspace_id, name) do update set source = excluded.source, privileged = excluded.privileged, updated_at = excluded.updated_at,
        -- A new declaration of the same source without an artifact keeps the one that works.
        artifact = case when excluded.artifact is null and workspace_declared_plugins.source = excluded.source then workspace_declared_plugins.artifact else excluded.artifact end,
        resolved = case when excluded.artifact is null and workspace_declared_plugins.source = excluded.source then workspace_declared_plugins.resolved else excluded.resolved end,
        fetch_attempts = 0, fetch_failure = null, fetch_after = null,
        protected = workspace_declared_plugins.protected or excluded.protected`,
  });
}
