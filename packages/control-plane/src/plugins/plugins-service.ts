import {
  type CataloguePlugin,
  MoleculeError,
  type PluginInstalled,
  type PluginProof,
  type WorkspacePlugin,
} from '@molecule/contracts';
import { formatPluginSource, isPrivileged, kindOf, mayHave, parsePluginSource, sourceIdentity } from '@molecule/domain';
import type { PluginResolver, ResolvedPlugin } from '@molecule/plugins';
import {
  appendEvents,
  type EntitlementRules,
  type Executor,
  insertArtifact,
  installPlugin,
  raiseGeneration,
  uninstallPlugin,
  type WorkspaceRow,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import type { BuiltinCatalogue } from './builtin-catalogue.ts';
import type { PluginSets } from './plugin-sets.ts';
import { pluginViews } from './plugin-view.ts';
import { refuseServerFolder } from './server-folder.ts';
import { untilApplied } from './until-applied.ts';

export interface PluginsDeps {
  readonly builtins: BuiltinCatalogue;
  readonly sets: PluginSets;
  readonly resolver: PluginResolver;
  readonly rules: EntitlementRules;
}

export interface PluginDeed {
  readonly orgId: string;
  readonly actor: string;
  /** The workspace whose box asks; null for people. */
  readonly workspaceId: string | null;
}

export interface Installed {
  readonly generation: number;
  readonly name: string;
}

/**
 * What people and agents do with the plugins of a workspace. Sources are fetched before and outside of any transaction; what is then recorded, with its event,
 * its audit entry and the new generation, commits together. A refusal or a failed fetch leaves everything as it was.
 */
export class PluginsService {
  readonly #services: Services;
  readonly #deps: PluginsDeps;

  constructor(services: Services, deps: PluginsDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  catalog(): CataloguePlugin[] {
    return this.#deps.builtins.list().map(({ source, digest, manifest }) => ({
      name: manifest.name,
      title: manifest.title,
      description: manifest.description,
      version: manifest.version,
      source,
      digest,
      privileged: manifest.entitlement === 'privileged',
      servers: manifest.servers.map((server) => server.name as string),
      skills: manifest.skills.map((skill) => skill.name),
    }));
  }

  async list(db: Executor, row: WorkspaceRow): Promise<WorkspacePlugin[]> {
    return pluginViews(await this.#deps.sets.read(db, row));
  }

  /**
   * Resolves a source for a workspace: what can be refused by its name alone is refused before anything is fetched.
   * @throws MoleculeError `plugin_not_entitled`, `plugin_source_invalid`, `plugin_fetch_failed`, `plugin_limit_exceeded`, `plugin_manifest_invalid`
   */
  async resolve(
    row: Pick<WorkspaceRow, 'kind'>,
    text: string,
    deed: PluginDeed,
    signal?: AbortSignal,
  ): Promise<ResolvedPlugin> {
    const source = parsePluginSource(text);
    refuseServerFolder(source, text, deed);
    const { rules } = this.#deps;
    const name = sourceIdentity(text, rules.hosts).lastName;
    if (
      !mayHave(
        kindOf(row.kind),
        isPrivileged({ name, source: formatPluginSource(source), digest: null }, rules.catalogue, rules.hosts),
      )
    ) {
      throw new MoleculeError('plugin_not_entitled', { params: { plugin: name } });
    }
    return this.#deps.resolver.resolve(text, signal);
  }

  /** Records what was resolved. @throws MoleculeError `plugin_not_entitled`, `plugin_not_allowed`, `plugin_protected`, `workspace_not_found` */
  async install(trx: Executor, row: WorkspaceRow, plugin: ResolvedPlugin, deed: PluginDeed): Promise<Installed> {
    const name = plugin.manifest.name as string;
    if (this.#deps.sets.isProtected(row.kind, name))
      throw new MoleculeError('plugin_protected', { params: { plugin: name } });
    await this.keepArtifact(trx, plugin);
    await installPlugin(
      trx,
      {
        orgId: row.org_id,
        workspaceId: row.id,
        name,
        source: plugin.source,
        artifact: plugin.digest,
        resolved: plugin.resolved,
        actor: deed.actor,
        manifest: plugin.manifest,
      },
      this.#deps.rules,
      this.#services.clock.now(),
    );
    return { name, generation: await this.changed(trx, row, deed.actor) };
  }

  /** Records the artifact of a resolved plugin, with its privilege. */
  async keepArtifact(trx: Executor, plugin: ResolvedPlugin): Promise<void> {
    const { rules } = this.#deps;
    const privileged = isPrivileged(
      { name: plugin.manifest.name, source: plugin.source, digest: plugin.digest, manifest: plugin.manifest },
      rules.catalogue,
      rules.hosts,
    );
    await insertArtifact(trx, {
      digest: plugin.digest,
      manifest: plugin.manifest,
      privileged,
      sizeBytes: plugin.sizeBytes,
      fileCount: plugin.fileCount,
    });
  }

  /** Takes a plugin away, named by its install name or by that of its row. @throws MoleculeError `plugin_protected`, `plugin_not_found` */
  async uninstall(trx: Executor, row: WorkspaceRow, name: string, deed: PluginDeed): Promise<Installed> {
    if (this.#deps.sets.isProtected(row.kind, name))
      throw new MoleculeError('plugin_protected', { params: { plugin: name } });
    const { wanted } = await this.#deps.sets.read(trx, row);
    const rows = [...wanted.declared, ...wanted.installed].filter(
      (each) => each.name === name || each.artifact?.manifest.name === name,
    );
    if (rows.length === 0) throw new MoleculeError('plugin_not_found', { params: { plugin: name } });
    for (const each of new Set(rows.map((found) => found.name)))
      await uninstallPlugin(trx, { orgId: row.org_id, workspaceId: row.id, name: each, actor: deed.actor });
    return { name, generation: await this.changed(trx, row, deed.actor) };
  }

  /** Tells the box that its desired state has changed. */
  async changed(trx: Executor, row: Pick<WorkspaceRow, 'id' | 'org_id'>, actor: string): Promise<number> {
    const generation = await raiseGeneration(trx, row.id);
    await appendEvents(trx, [
      {
        orgId: row.org_id,
        workspaceId: row.id,
        type: 'workspace.updated',
        actor,
        data: { generation, changed: 'plugins' },
      },
    ]);
    return generation;
  }

  /** What was tried and refused belongs into the history, although it left no row. */
  async refused(row: WorkspaceRow, source: string, error: MoleculeError, actor: string): Promise<void> {
    const type =
      error.code === 'plugin_not_entitled' || error.code === 'plugin_not_allowed'
        ? ('plugin.refused' as const)
        : ('plugin.failed' as const);
    await appendEvents(this.#services.db, [
      {
        orgId: row.org_id,
        workspaceId: row.id,
        type,
        actor,
        data: { source: source.slice(0, 300), code: error.code, message: error.message },
      },
    ]);
  }

  /** Answer of an install: the plugin as it is now, and how far the box has come with it. */
  async afterInstall(
    row: WorkspaceRow,
    installed: Installed,
    waitMs: number,
    signal: AbortSignal,
    timing: PluginInstalled['timing'],
    startedAt: number,
  ): Promise<PluginInstalled> {
    const proof = await this.proof(row, installed, waitMs, signal);
    const plugin = (await this.list(this.#services.db, row)).find(({ name }) => name === installed.name);
    if (plugin === undefined) throw new MoleculeError('plugin_not_found', { params: { plugin: installed.name } });
    return { plugin, proof, timing: { ...timing, totalMs: Math.round(performance.now() - startedAt) } };
  }

  async proof(
    row: WorkspaceRow,
    { name, generation }: Installed,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<PluginProof> {
    const { set } = await this.#deps.sets.read(this.#services.db, row);
    const servers = set.servers.filter((each) => each.plugin === name).map((each) => each.server.name as string);
    return untilApplied(this.#services, row.org_id, row.id, generation, servers, waitMs, signal);
  }
}
