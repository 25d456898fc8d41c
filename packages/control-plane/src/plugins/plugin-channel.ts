import { join } from 'node:path';
import {
  type ArtifactStore,
  artifactStore,
  type PluginResolver,
  pluginResolver,
  readSourceSettings,
  type SourceSettings,
  sourceHosts,
} from '@molecule/plugins';
import type { EntitlementRules, Executor } from '@molecule/store';
import type { ControlPlaneConfig } from '../kernel/config.ts';
import { BuiltinCatalogue } from './builtin-catalogue.ts';
import { PluginSets } from './plugin-sets.ts';

/** The parts of the plugin channel that need no server: first-party packages, artifacts, sources, and the rules of entitlement. */
export interface PluginChannel {
  readonly builtins: BuiltinCatalogue;
  readonly artifacts: ArtifactStore;
  readonly resolver: PluginResolver;
  readonly sets: PluginSets;
  readonly rules: EntitlementRules;
}

export async function openPluginChannel(
  db: Executor,
  config: Pick<ControlPlaneConfig, 'dataDir' | 'pluginsDir'>,
  change: Partial<SourceSettings> = {},
): Promise<PluginChannel> {
  const settings = readSourceSettings(process.env, change);
  const artifacts = artifactStore(join(config.dataDir, 'artifacts'));
  const builtins = await BuiltinCatalogue.load(db, config.pluginsDir, artifacts);
  const resolver = pluginResolver({
    settings,
    store: artifacts,
    builtin: (name) => builtins.find(name)?.files ?? null,
  });
  return {
    builtins,
    artifacts,
    resolver,
    sets: new PluginSets(builtins),
    rules: { catalogue: builtins.catalogue, hosts: sourceHosts(settings) },
  };
}
