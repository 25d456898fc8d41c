import { MoleculeError } from '@molecule/contracts';
import { type CatalogueEntry, isPrivileged, protectedPlugins } from '@molecule/domain';
import { type ArtifactStore, type BuiltinPlugin, readBuiltinPlugins } from '@molecule/plugins';
import { type Executor, holdEverywhere, insertArtifact, readCatalogue } from '@molecule/store';
import { sql } from 'kysely';
import { z } from 'zod';

/**
 * First-party plugins of this version together with the catalogue that says what is privileged. Loaded once at start; artifacts are
 * recorded then, so that a declaration only needs to name a digest.
 */
export class BuiltinCatalogue {
  readonly #plugins: ReadonlyMap<string, BuiltinPlugin>;
  readonly catalogue: readonly CatalogueEntry[];

  private constructor(plugins: ReadonlyMap<string, BuiltinPlugin>, catalogue: readonly CatalogueEntry[]) {
    this.#plugins = plugins;
    this.catalogue = catalogue;
  }

  static async load(db: Executor, directory: string, artifacts: ArtifactStore): Promise<BuiltinCatalogue> {
    const plugins = await readBuiltinPlugins(directory);
    const stored = await readCatalogue(db);
    // The digest of the privileged plugin identifies it under any other name (B29).
    const catalogue = stored.map((entry) => {
      const own = entry.privileged
        ? [...plugins.values()].filter((plugin) => entry.sources.includes(plugin.source))
        : [];
      return { ...entry, digests: [...new Set([...entry.digests, ...own.map((plugin) => plugin.digest)])] };
    });
    for (const plugin of plugins.values()) {
      await artifacts.put(plugin.files);
      const privileged = isPrivileged(
        { name: plugin.manifest.name, source: plugin.source, digest: plugin.digest },
        catalogue,
      );
      await insertArtifact(db, {
        digest: plugin.digest,
        manifest: plugin.manifest,
        privileged,
        sizeBytes: plugin.sizeBytes,
        fileCount: plugin.files.length,
      });
    }
    await noteVersion(
      db,
      Object.fromEntries([...plugins.values()].map(({ manifest, digest }) => [manifest.name, digest])),
    );
    return new BuiltinCatalogue(plugins, catalogue);
  }

  list(): readonly BuiltinPlugin[] {
    return [...this.#plugins.values()].sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
  }

  find(name: string): BuiltinPlugin | null {
    return this.#plugins.get(name) ?? null;
  }

  /** @throws MoleculeError `plugin_source_invalid` for a `builtin:` source that this version does not have */
  resolve(source: string): BuiltinPlugin {
    const name = source.startsWith('builtin:') ? source.slice('builtin:'.length) : source;
    const plugin = this.#plugins.get(name);
    if (plugin === undefined) {
      throw new MoleculeError('plugin_source_invalid', {
        params: {
          source,
          detail: `there is no first-party plugin of that name; there are ${[...this.#plugins.keys()].sort().join(', ')}`,
        },
      });
    }
    return plugin;
  }
}

const VERSION_KEY = 'plugins.builtins';

const Digests = z.record(z.string(), z.string());

/**
 * First-party plugins that changed with the version reach every box, also those that go on running (B33, I22): they hear of a new generation with their next beat.
 * Those that are protected go out in waves: workspaces that have an earlier version stay at it until a rollout releases them (B100). All of it commits together, once,
 * whichever replica is first.
 */
async function noteVersion(db: Executor, digests: Readonly<Record<string, string>>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`insert into settings (key, value, updated_at) values (${VERSION_KEY}, '{}'::jsonb, now()) on conflict do nothing`.execute(
      trx,
    );
    const row = await trx
      .selectFrom('settings')
      .select('value')
      .where('key', '=', VERSION_KEY)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const before = Digests.safeParse(row.value).data ?? {};
    if (
      Object.keys(before).length === Object.keys(digests).length &&
      Object.entries(digests).every(([name, digest]) => before[name] === digest)
    )
      return;
    for (const name of protectedPlugins('platform')) {
      const old = before[name];
      if (old === undefined || old === digests[name]) continue;
      const kinds = (['workspace', 'platform'] as const).filter((kind) => protectedPlugins(kind).includes(name));
      await holdEverywhere(trx, { name, artifact: old, kinds });
    }
    await trx
      .updateTable('settings')
      .set({ value: JSON.stringify(digests), updated_at: new Date() })
      .where('key', '=', VERSION_KEY)
      .execute();
    await sql`update workspaces set generation = generation + 1 where status <> 'removed'`.execute(trx);
  });
}
