import {
  isMoleculeError,
  MoleculeError,
  type PluginChange,
  type PluginDifference,
  type PluginLockReport,
} from '@molecule/contracts';
import { parsePluginSource } from '@molecule/domain';
import { type ArtifactStore, type PluginResolver, pluginDifference, type ResolvedPlugin } from '@molecule/plugins';
import {
  appendAudit,
  appendEvents,
  appliedChanges,
  declarePlugin,
  type EntitlementRules,
  type Executor,
  findArtifact,
  findWorkspace,
  insertChange,
  installPlugin,
  lockChange,
  type PluginChangeRow,
  updateChange,
  type WantedPlugin,
  type WorkspaceRow,
} from '@molecule/store';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { PluginDeed, PluginsService } from './plugins-service.ts';
import { pluginProof } from './until-applied.ts';

/** So long a new version may take to be proved before the old one comes back. */
export const PROOF_LIMIT_MS = 120_000;
const PASS_INTERVAL_MS = 1_000;
const AT_ONCE = 50;

export interface PluginChangesDeps {
  readonly plugins: PluginsService;
  readonly sets: PluginSets;
  readonly resolver: PluginResolver;
  readonly artifacts: ArtifactStore;
  readonly rules: EntitlementRules;
}

/**
 * Upgrades of plugins. States of a change: planned (read by people) → applied (recorded, on its way into the box) → proved, or rolled back when the proof fails or
 * does not come in time; planned → discarded by a newer plan. Nothing is fetched between plan and application: what was read is what is applied. A crash
 * leaves an applied change; the next pass of any replica judges it.
 */
export class PluginChanges {
  readonly #services: Services;
  readonly #deps: PluginChangesDeps;

  constructor(services: Services, deps: PluginChangesDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  start(): () => Promise<void> {
    return every(PASS_INTERVAL_MS, this.#services, 'proof of plugin changes', () => this.settle());
  }

  /** Looks at the source of each plugin of a workspace and plans what would change. A source that fails does not stop the others. */
  async plan(row: WorkspaceRow, deed: PluginDeed, only?: string): Promise<PluginLockReport> {
    const { wanted } = await this.#deps.sets.read(this.#services.db, row);
    const rows = [
      ...wanted.installed,
      ...wanted.declared.filter(
        (plugin) => !plugin.protected && !wanted.installed.some(({ name }) => name === plugin.name),
      ),
    ];
    const chosen = rows.filter(
      (plugin) =>
        plugin.artifact !== null &&
        (only === undefined || plugin.name === only || plugin.artifact.manifest.name === only),
    );
    if (only !== undefined && chosen.length === 0)
      throw new MoleculeError('plugin_not_found', { params: { plugin: only } });
    return { items: await Promise.all(chosen.map((plugin) => this.#planOne(row, plugin, deed))) };
  }

  async #planOne(
    row: WorkspaceRow,
    plugin: WantedPlugin,
    deed: PluginDeed,
  ): Promise<PluginLockReport['items'][number]> {
    const item = { plugin: plugin.name, source: plugin.source, change: null, failure: null };
    if (isPinned(plugin)) return { ...item, state: 'pinned' };
    try {
      const found = await this.#deps.plugins.resolve(row, plugin.source, deed, this.#services.stopping);
      if (plugin.artifact === null || found.digest === plugin.artifact.digest) return { ...item, state: 'current' };
      return { ...item, state: 'changed', change: publicChange(await this.#keep(row, plugin, found, deed)) };
    } catch (error) {
      if (!isMoleculeError(error)) throw error;
      return { ...item, state: 'failed', failure: { code: error.code, message: error.message, hint: error.hint } };
    }
  }

  async #keep(
    row: WorkspaceRow,
    plugin: WantedPlugin,
    found: ResolvedPlugin,
    deed: PluginDeed,
  ): Promise<PluginChangeRow> {
    const { artifact } = plugin;
    if (artifact === null) throw new MoleculeError('plugin_not_found', { params: { plugin: plugin.name } });
    const [from, to] = await Promise.all([
      this.#deps.artifacts.read(artifact.digest),
      this.#deps.artifacts.read(found.digest),
    ]);
    const difference = pluginDifference(
      { manifest: artifact.manifest, files: from ?? [] },
      { manifest: found.manifest, files: to ?? [] },
    );
    return this.#services.db.transaction().execute(async (trx) => {
      await this.#deps.plugins.keepArtifact(trx, found);
      const places = {
        from_artifact: artifact.digest,
        from_source: plugin.source,
        from_resolved: plugin.resolved ?? plugin.source,
        to_artifact: found.digest,
        to_source: found.source,
        to_resolved: found.resolved,
      };
      return insertChange(
        trx,
        {
          org_id: row.org_id,
          workspace_id: row.id,
          plugin: plugin.name,
          ...places,
          plan: JSON.stringify(difference),
          created_by: deed.actor,
        },
        this.#services.clock.now(),
      );
    });
  }

  /** Applies a plan as it was read. @throws MoleculeError `plugin_change_not_found`, `plugin_change_stale`, and the refusals of an install */
  async apply(trx: Executor, row: WorkspaceRow, changeId: string, deed: PluginDeed): Promise<PluginChange> {
    const now = this.#services.clock.now();
    const change = await lockChange(trx, row.id, changeId);
    if (change === undefined || change.state === 'discarded')
      throw new MoleculeError('plugin_change_not_found', { params: { change: changeId } });
    const stale = (detail: string): MoleculeError =>
      new MoleculeError('plugin_change_stale', { params: { plugin: change.plugin, detail } });
    if (change.state !== 'planned') throw stale(`it is ${change.state} already`);
    const digest = await this.#swap(trx, row, change, 'to', deed.actor, change.from_artifact);
    if (!digest) throw stale('the workspace has another version than the plan was made for');
    const generation = await this.#deps.plugins.changed(trx, row, deed.actor);
    const state = { state: 'applied' as const, generation, deadline_at: new Date(now.getTime() + PROOF_LIMIT_MS) };
    await updateChange(trx, change.id, state, now);
    await this.#tell(trx, { ...change, ...state }, 'applied', deed.actor);
    await appendAudit(
      trx,
      {
        orgId: row.org_id,
        actor: deed.actor,
        action: 'plugin.upgrade',
        target: row.id,
        data: { plugin: change.plugin, from: change.from_resolved, to: change.to_resolved },
      },
      now,
    );
    return publicChange({ ...change, ...state });
  }

  /** Judges what was applied: keeps what is proved, takes back what failed or was not proved in time. */
  async settle(): Promise<void> {
    await this.#services.db.transaction().execute(async (trx) => {
      for (const change of await appliedChanges(trx, AT_ONCE)) await this.#judge(trx, change);
    });
  }

  async #judge(trx: Executor, change: PluginChangeRow): Promise<void> {
    const now = this.#services.clock.now();
    const row = await findWorkspace(trx, change.org_id, change.workspace_id);
    if (row === undefined || row.status === 'removed')
      return updateChange(trx, change.id, { state: 'discarded', reason: 'the workspace is gone' }, now);
    const { set } = await this.#deps.sets.read(trx, row);
    const name = (await findArtifact(trx, change.to_artifact))?.manifest.name ?? change.plugin;
    const servers = set.servers.filter((each) => each.plugin === name).map((each) => each.server.name as string);
    const proof = await pluginProof(trx, change.org_id, change.workspace_id, change.generation ?? 0, servers);
    if (proof.state === 'proved') {
      await updateChange(trx, change.id, { state: 'proved' }, now);
      await this.#tell(trx, change, 'proved', 'system');
    } else if (proof.state === 'no_box') {
      // The time runs only while somebody could prove it.
      await updateChange(trx, change.id, { deadline_at: new Date(now.getTime() + PROOF_LIMIT_MS) }, now);
    } else if (proof.state === 'failed' || now.getTime() >= (change.deadline_at?.getTime() ?? 0)) {
      await this.#rollBack(
        trx,
        row,
        change,
        proof.state === 'failed' ? proof.problems.join('; ') : 'it was not proved in time',
        now,
      );
    }
  }

  async #rollBack(trx: Executor, row: WorkspaceRow, change: PluginChangeRow, reason: string, now: Date): Promise<void> {
    const isBack = await this.#swap(trx, row, change, 'from', 'system', change.to_artifact);
    if (!isBack)
      return updateChange(trx, change.id, { state: 'discarded', reason: 'somebody changed the plugin meanwhile' }, now);
    await this.#deps.plugins.changed(trx, row, 'system');
    await updateChange(trx, change.id, { state: 'rolled_back', reason }, now);
    await this.#tell(trx, { ...change, reason }, 'rolled_back', 'system');
  }

  /** Puts one side of a change in place, if the other is there now. By the one function that every way goes. */
  async #swap(
    trx: Executor,
    row: WorkspaceRow,
    change: PluginChangeRow,
    side: 'from' | 'to',
    actor: string,
    present: string,
  ): Promise<boolean> {
    const { wanted } = await this.#deps.sets.read(trx, row);
    const [source, resolved, digest] =
      side === 'to'
        ? [change.to_source, change.to_resolved, change.to_artifact]
        : [change.from_source, change.from_resolved, change.from_artifact];
    const artifact = await findArtifact(trx, digest);
    const installed = wanted.installed.find(({ name }) => name === change.plugin);
    const declared = wanted.declared.find(({ name }) => name === change.plugin);
    if (artifact === null || (installed ?? declared)?.artifact?.digest !== present) return false;
    const record = {
      orgId: row.org_id,
      workspaceId: row.id,
      name: change.plugin,
      source,
      artifact: digest,
      resolved,
      actor,
      manifest: artifact.manifest,
    };
    const now = this.#services.clock.now();
    if (installed !== undefined) await installPlugin(trx, record, this.#deps.rules, now);
    else await declarePlugin(trx, { ...record, protected: false }, this.#deps.rules, now);
    return true;
  }

  async #tell(trx: Executor, change: PluginChangeRow, state: string, actor: string): Promise<void> {
    const data = {
      plugin: change.plugin,
      change: change.id,
      state,
      from: change.from_resolved,
      to: change.to_resolved,
      reason: change.reason,
    };
    await appendEvents(trx, [
      { orgId: change.org_id, workspaceId: change.workspace_id, type: 'plugin.changed', actor, data },
    ]);
  }
}

/** A source that names one content for ever: looking again could not show anything new. */
function isPinned({ source, resolved }: WantedPlugin): boolean {
  const parsed = parsePluginSource(source);
  if (parsed.scheme === 'npm') return source === resolved;
  return 'ref' in parsed && parsed.ref !== null && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(parsed.ref);
}

export function publicChange(row: PluginChangeRow): PluginChange {
  return {
    id: row.id,
    plugin: row.plugin,
    from: { resolved: row.from_resolved, digest: row.from_artifact },
    to: { resolved: row.to_resolved, digest: row.to_artifact },
    difference: row.plan as PluginDifference, // written by this class from that type
    state: row.state,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  };
}
