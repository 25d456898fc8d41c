import { isMoleculeError, type PluginPreview } from '@molecule/contracts';
import { type ArtifactStore, pluginDifference, type ResolvedPlugin } from '@molecule/plugins';
import type { WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { PluginDeed, PluginsService } from './plugins-service.ts';

/** Ends the transaction of a trial. */
class TrialOver extends Error {}

/**
 * What an install of a fetched plugin would bring. The install itself is tried in a transaction that is taken back, so that a refusal is found by the very rules
 * that would refuse it; nothing is kept.
 */
export async function previewPlugin(
  services: Services,
  deps: { readonly plugins: PluginsService; readonly sets: PluginSets; readonly artifacts: ArtifactStore },
  row: WorkspaceRow,
  found: ResolvedPlugin,
  deed: PluginDeed,
): Promise<PluginPreview> {
  const { manifest } = found;
  const { set, wanted } = await deps.sets.read(services.db, row);
  const present = set.plugins.find((each) => each.name === manifest.name);
  const [before, after] = await Promise.all([
    present === undefined ? null : deps.artifacts.read(present.artifact.digest),
    deps.artifacts.read(found.digest),
  ]);
  const nothing = { ...manifest, version: null, servers: [], skills: [], instructions: [], setup: null };
  const record = [...wanted.installed, ...wanted.declared].find(({ name }) => name === manifest.name);
  return {
    name: manifest.name,
    title: manifest.title,
    description: manifest.description,
    version: manifest.version,
    resolved: found.resolved,
    digest: found.digest,
    sizeBytes: found.sizeBytes,
    fileCount: found.fileCount,
    replaces:
      present === undefined
        ? null
        : { version: present.artifact.manifest.version, resolved: record?.resolved ?? present.source },
    difference: pluginDifference(
      { manifest: present?.artifact.manifest ?? nothing, files: before ?? [] },
      { manifest, files: after ?? [] },
    ),
    refusal: await trial(services, deps.plugins, row, found, deed),
  };
}

async function trial(
  services: Services,
  plugins: PluginsService,
  row: WorkspaceRow,
  found: ResolvedPlugin,
  deed: PluginDeed,
): Promise<PluginPreview['refusal']> {
  try {
    await services.db.transaction().execute(async (trx) => {
      await plugins.install(trx, row, found, deed);
      throw new TrialOver();
    });
    return null;
  } catch (error) {
    if (error instanceof TrialOver) return null;
    if (!isMoleculeError(error)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}
