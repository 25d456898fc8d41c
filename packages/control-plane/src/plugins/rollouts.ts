import {
  MoleculeError,
  type PlanRollout,
  type PluginDifference,
  type Rollout,
  RolloutSubject,
} from '@molecule/contracts';
import { chooseCanary, judgeWave, type RolloutMember } from '@molecule/domain';
import { type ArtifactStore, pluginDifference } from '@molecule/plugins';
import {
  appendAudit,
  appendEvents,
  type Executor,
  findWorkspace,
  insertRollout,
  keepRolloutStep,
  listRollouts,
  lockRollout,
  type RolloutRow,
  rolloutSteps,
  runningRollouts,
  updateRollout,
  wantedPluginsOf,
} from '@molecule/store';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import { checkRuntime } from '../workspaces/runtime-check.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { PluginDeed, PluginsService } from './plugins-service.ts';
import type { RolloutSubjectWork } from './rollout-subjects.ts';

const PASS_INTERVAL_MS = 2_000;

export interface RolloutsDeps {
  readonly plugins: PluginsService;
  readonly sets: PluginSets;
  readonly artifacts: ArtifactStore;
  readonly subjects: Readonly<Record<'plugin' | 'runtime', RolloutSubjectWork>>;
}

/**
 * Changes that reach the workspaces of an org in two waves (B100, B101, B111): planned (to be read) → canary, a share of them → soaking → the rest → done; back to what
 * each had when one fails its proof, from either wave. A rollout changes a plugin or the runtime, never both, so that each can go back alone. Everything is in the
 * database; a crash between two looks loses nothing.
 */
export class Rollouts {
  readonly #services: Services;
  readonly #deps: RolloutsDeps;

  constructor(services: Services, deps: RolloutsDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  start(): () => Promise<void> {
    return every(PASS_INTERVAL_MS, this.#services, 'rollouts', () => this.settle());
  }

  async list(orgId: string): Promise<Rollout[]> {
    return (await listRollouts(this.#services.db, orgId)).map(publicRollout);
  }

  /** Resolves what goes out, and chooses who gets it first. Nothing is changed yet. @throws MoleculeError `rollout_not_possible`, and those of a fetch */
  async plan(input: PlanRollout, deed: PluginDeed): Promise<Rollout> {
    const { db, clock } = this.#services;
    const { change } = input;
    const rows = await db
      .selectFrom('workspaces')
      .selectAll()
      .where('org_id', '=', deed.orgId)
      .where('status', '<>', 'removed')
      .orderBy('id')
      .execute();
    const { ids, plan } =
      change.subject === 'plugin'
        ? await this.#planPlugin(change, rows, deed)
        : await this.#planRuntime(change.runtime, rows, deed);
    if (ids.length === 0)
      throw new MoleculeError('rollout_not_possible', {
        params: { event: 'planned', detail: 'there is no workspace that it would change' },
      });
    const { canary, rest } = chooseCanary(ids, input.sharePercent, JSON.stringify(change));
    const name = change.subject === 'plugin' ? change.plugin : change.runtime;
    const row = await db.transaction().execute((trx) =>
      insertRollout(
        trx,
        {
          org_id: deed.orgId,
          subject: change.subject,
          name,
          plan: JSON.stringify({ change, ...plan }),
          canary: [...canary],
          rest: [...rest],
          soak_seconds: input.soakSeconds,
          created_by: deed.actor,
        },
        clock.now(),
      ),
    );
    return publicRollout(row);
  }

  async #planPlugin(
    change: Extract<RolloutSubject, { subject: 'plugin' }>,
    rows: Awaited<ReturnType<typeof findWorkspace>>[],
    deed: PluginDeed,
  ) {
    const { db } = this.#services;
    const wanted = await wantedPluginsOf(
      db,
      rows.flatMap((row) => (row === undefined ? [] : [row.id])),
    );
    const having = rows.flatMap((row) => {
      if (row === undefined) return [];
      const has = wanted.get(row.id) ?? NO_PLUGINS;
      const plugin = this.#deps.sets.isProtected(row.kind, change.plugin)
        ? this.#deps.sets.compute(row.kind, has).plugins.find(({ name }) => name === change.plugin)
        : [...has.installed, ...has.declared.filter((each) => !each.protected)].find(
            ({ name }) => name === change.plugin,
          );
      return plugin === undefined || plugin.artifact === null ? [] : [{ row, artifact: plugin.artifact }];
    });
    const first = having[0];
    if (first === undefined) return { ids: [], plan: {} };
    const found = await this.#deps.plugins.resolve(first.row, change.source, deed, this.#services.stopping);
    if (
      this.#deps.sets.isProtected(first.row.kind, change.plugin) &&
      found.digest !== this.#deps.sets.currentDigest(change.plugin)
    )
      throw new MoleculeError('rollout_not_possible', {
        params: {
          event: 'planned',
          detail: `${change.plugin} comes with Molecule, from builtin:${change.plugin} alone`,
        },
      });
    await db.transaction().execute((trx) => this.#deps.plugins.keepArtifact(trx, found));
    const [from, to] = await Promise.all([
      this.#deps.artifacts.read(first.artifact.digest),
      this.#deps.artifacts.read(found.digest),
    ]);
    const difference = pluginDifference(
      { manifest: first.artifact.manifest, files: from ?? [] },
      { manifest: found.manifest, files: to ?? [] },
    );
    const ids = having.filter(({ artifact }) => artifact.digest !== found.digest).map(({ row }) => row.id);
    return {
      ids,
      plan: { to: { source: found.source, resolved: found.resolved, artifact: found.digest }, difference },
    };
  }

  async #planRuntime(runtime: string, rows: Awaited<ReturnType<typeof findWorkspace>>[], deed: PluginDeed) {
    await checkRuntime(this.#services.db, deed.orgId, runtime);
    return { ids: rows.flatMap((row) => (row === undefined || row.runtime === runtime ? [] : [row.id])), plan: {} };
  }

  /** Sends the canary out. @throws MoleculeError `rollout_not_found`, `rollout_not_possible` */
  async begin(trx: Executor, id: string, deed: PluginDeed): Promise<Rollout> {
    const now = this.#services.clock.now();
    const rollout = await this.#take(trx, id, deed, 'started', ['planned']);
    const set = { state: 'canary' as const, wave_at: now, well_since: null };
    await this.#wave(trx, rollout, rollout.canary);
    await updateRollout(trx, id, set, now);
    await this.#tell(trx, rollout, 'canary', null, deed.actor);
    await appendAudit(
      trx,
      {
        orgId: deed.orgId,
        actor: deed.actor,
        action: 'rollout.start',
        target: id,
        data: { subject: rollout.subject, name: rollout.name },
      },
      now,
    );
    return publicRollout({ ...rollout, ...set });
  }

  /** A person takes it back. @throws MoleculeError `rollout_not_found`, `rollout_not_possible` */
  async cancel(trx: Executor, id: string, deed: PluginDeed): Promise<Rollout> {
    const rollout = await this.#take(trx, id, deed, 'cancelled', ['planned', 'canary', 'rest', 'done']);
    if (rollout.state === 'planned') {
      await updateRollout(trx, id, { state: 'discarded' }, this.#services.clock.now());
      return publicRollout({ ...rollout, state: 'discarded' });
    }
    return this.#rollBack(trx, rollout, `${deed.actor} took it back`, deed.actor);
  }

  /** Looks at every rollout under way. */
  async settle(): Promise<void> {
    await this.#services.db.transaction().execute(async (trx) => {
      for (const rollout of await runningRollouts(trx)) await this.#judge(trx, rollout);
    });
  }

  async #judge(trx: Executor, rollout: RolloutRow): Promise<void> {
    const now = this.#services.clock.now();
    const members: RolloutMember[] = [];
    for (const step of await rolloutSteps(trx, rollout.id)) {
      const workspace = await findWorkspace(trx, rollout.org_id, step.workspace_id);
      if (workspace !== undefined)
        members.push(await this.#deps.subjects[rollout.subject].state(trx, rollout, workspace, step));
    }
    const soakMs = rollout.state === 'canary' ? rollout.soak_seconds * 1000 : 0;
    const verdict = judgeWave({ members, waveAt: rollout.wave_at ?? now, wellSince: rollout.well_since, soakMs, now });
    if (verdict.verdict === 'roll_back') await this.#rollBack(trx, rollout, verdict.reason, 'system');
    else if (verdict.verdict === 'wait') {
      if (verdict.wellSince?.getTime() !== rollout.well_since?.getTime())
        await updateRollout(trx, rollout.id, { well_since: verdict.wellSince }, now);
    } else if (rollout.state === 'canary' && rollout.rest.length > 0) {
      await this.#wave(trx, rollout, rollout.rest);
      await updateRollout(trx, rollout.id, { state: 'rest', wave_at: now, well_since: null }, now);
      await this.#tell(trx, rollout, 'rest', null, 'system');
    } else {
      await this.#deps.subjects[rollout.subject].finish(trx, rollout);
      await updateRollout(trx, rollout.id, { state: 'done' }, now);
      await this.#tell(trx, rollout, 'done', null, 'system');
    }
  }

  async #wave(trx: Executor, rollout: RolloutRow, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const workspace = await findWorkspace(trx, rollout.org_id, id);
      const done =
        workspace === undefined || workspace.status === 'removed'
          ? null
          : await this.#deps.subjects[rollout.subject].apply(trx, rollout, workspace);
      if (done !== null) await keepRolloutStep(trx, { rolloutId: rollout.id, workspaceId: id, ...done });
    }
  }

  async #rollBack(trx: Executor, rollout: RolloutRow, reason: string, actor: string): Promise<Rollout> {
    for (const step of await rolloutSteps(trx, rollout.id)) {
      const workspace = await findWorkspace(trx, rollout.org_id, step.workspace_id);
      if (workspace !== undefined && workspace.status !== 'removed')
        await this.#deps.subjects[rollout.subject].undo(trx, rollout, workspace, step);
    }
    await updateRollout(trx, rollout.id, { state: 'rolled_back', reason }, this.#services.clock.now());
    await this.#tell(trx, rollout, 'rolled_back', reason, actor);
    return publicRollout({ ...rollout, state: 'rolled_back', reason });
  }

  async #take(
    trx: Executor,
    id: string,
    deed: PluginDeed,
    event: string,
    states: readonly RolloutRow['state'][],
  ): Promise<RolloutRow> {
    const rollout = await lockRollout(trx, deed.orgId, id);
    if (rollout === undefined) throw new MoleculeError('rollout_not_found', { params: { rollout: id } });
    if (!states.includes(rollout.state))
      throw new MoleculeError('rollout_not_possible', { params: { event, detail: `it is ${rollout.state}` } });
    return rollout;
  }

  async #tell(trx: Executor, rollout: RolloutRow, state: string, reason: string | null, actor: string): Promise<void> {
    await appendEvents(trx, [
      {
        orgId: rollout.org_id,
        workspaceId: null,
        type: 'rollout.updated',
        actor,
        data: { rollout: rollout.id, subject: rollout.subject, name: rollout.name, state, reason },
      },
    ]);
  }
}

const NO_PLUGINS = { declared: [], installed: [], held: [] };

function publicRollout(row: RolloutRow): Rollout {
  const { change, to, difference } = row.plan as {
    change: unknown;
    to?: { resolved: string };
    difference?: PluginDifference;
  }; // written by `plan` alone
  return {
    id: row.id,
    change: RolloutSubject.parse(change),
    resolved: to?.resolved ?? null,
    difference: difference ?? null,
    canary: row.canary,
    rest: row.rest,
    soakSeconds: row.soak_seconds,
    state: row.state,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  };
}
