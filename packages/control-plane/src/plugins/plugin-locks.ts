import { MoleculeError, type PluginLock } from '@molecule/contracts';
import type { ResolvedPlugin } from '@molecule/plugins';
import type { Executor, WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { Installed, PluginDeed, PluginsService } from './plugins-service.ts';

export interface PluginLocksDeps {
  readonly plugins: PluginsService;
  readonly sets: PluginSets;
}

/** The plugins of a workspace as a file with exact sources and digests, and the way back. */
export class PluginLocks {
  readonly #services: Services;
  readonly #deps: PluginLocksDeps;

  constructor(services: Services, deps: PluginLocksDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  /** What every workspace has by itself is not part of it. */
  async export(db: Executor, row: WorkspaceRow): Promise<PluginLock> {
    const { set, wanted } = await this.#deps.sets.read(db, row);
    const rows = [...wanted.installed, ...wanted.declared];
    return {
      version: 1,
      plugins: set.plugins.flatMap(({ name, source, origin, artifact }) => {
        if (origin === 'protected') return [];
        const resolved = rows.find((each) => each.artifact?.digest === artifact.digest)?.resolved ?? source;
        return [{ name: name as PluginLock['plugins'][number]['name'], source, resolved, digest: artifact.digest }]; // name of a parsed manifest
      }),
    };
  }

  /**
   * Fetches what a lock names and checks it against its digests, before anything is recorded.
   * @throws MoleculeError `plugin_lock_mismatch`, and those of a fetch: then nothing was installed
   */
  async resolve(
    row: Pick<WorkspaceRow, 'kind'>,
    lock: PluginLock,
    deed: PluginDeed,
  ): Promise<readonly ResolvedPlugin[]> {
    return Promise.all(
      lock.plugins.map(async ({ name, source, resolved, digest }) => {
        const found = await this.#deps.plugins.resolve(row, resolved, deed, this.#services.stopping);
        if (found.digest !== digest)
          throw new MoleculeError('plugin_lock_mismatch', {
            params: { detail: `${resolved} is not what was locked (${found.digest} and not ${digest})` },
          });
        if (found.manifest.name !== name)
          throw new MoleculeError('plugin_lock_mismatch', {
            params: { detail: `${resolved} is called ${found.manifest.name} and not ${name}` },
          });
        return { ...found, source, resolved };
      }),
    );
  }

  /** Records all of them or none. */
  async install(
    trx: Executor,
    row: WorkspaceRow,
    plugins: readonly ResolvedPlugin[],
    deed: PluginDeed,
  ): Promise<readonly Installed[]> {
    const installed: Installed[] = [];
    for (const plugin of plugins) installed.push(await this.#deps.plugins.install(trx, row, plugin, deed));
    return installed;
  }
}
