import type { RolloutMember } from '@molecule/domain';
import {
  declarePlugin,
  type EntitlementRules,
  type Executor,
  findArtifact,
  findWorkspace,
  holdPlugin,
  installPlugin,
  type RolloutRow,
  type RolloutStepRow,
  raiseGeneration,
  releasePlugin,
  requestBoot,
  type WorkspaceRow,
} from '@molecule/store';
import { z } from 'zod';
import type { Services } from '../kernel/services.ts';
import { readOrgSettings, writeOrgSettings } from '../workspaces/org-settings.ts';
import type { PluginSets } from './plugin-sets.ts';
import type { PluginsService } from './plugins-service.ts';
import { pluginProof } from './until-applied.ts';

/** A version of a plugin as a rollout puts it in place or back. */
export const PluginVersion = z.object({ source: z.string(), resolved: z.string(), artifact: z.string() });
const RuntimeBefore = z.object({ runtime: z.string() });

/** What the two kinds of rollouts do with one workspace. */
export interface RolloutSubjectWork {
  /** Puts the new one in place. @returns what was there, and the generation that carries the change; null = nothing to change here */
  apply(
    trx: Executor,
    rollout: RolloutRow,
    workspace: WorkspaceRow,
  ): Promise<{ readonly before: Readonly<Record<string, unknown>>; readonly generation: number } | null>;
  undo(trx: Executor, rollout: RolloutRow, workspace: WorkspaceRow, step: RolloutStepRow): Promise<void>;
  state(trx: Executor, rollout: RolloutRow, workspace: WorkspaceRow, step: RolloutStepRow): Promise<RolloutMember>;
  /** Every workspace has it and is well. */
  finish(trx: Executor, rollout: RolloutRow): Promise<void>;
}

export function pluginSubject(
  services: Services,
  deps: { readonly plugins: PluginsService; readonly sets: PluginSets; readonly rules: EntitlementRules },
): RolloutSubjectWork {
  const put = async (
    trx: Executor,
    workspace: WorkspaceRow,
    name: string,
    to: z.infer<typeof PluginVersion>,
  ): Promise<z.infer<typeof PluginVersion> | null> => {
    if (deps.sets.isProtected(workspace.kind, name)) return putProtected(trx, workspace, name, to);
    const { wanted } = await deps.sets.read(trx, workspace);
    const installed = wanted.installed.find((each) => each.name === name);
    const found = installed ?? wanted.declared.find((each) => each.name === name && !each.protected);
    const artifact = await findArtifact(trx, to.artifact);
    if (found === undefined || found.artifact === null || artifact === null || found.artifact.digest === to.artifact)
      return null;
    const record = {
      orgId: workspace.org_id,
      workspaceId: workspace.id,
      name,
      source: to.source,
      artifact: to.artifact,
      resolved: to.resolved,
      actor: 'system',
      manifest: artifact.manifest,
    };
    if (installed !== undefined) await installPlugin(trx, record, deps.rules, services.clock.now());
    else await declarePlugin(trx, { ...record, protected: false }, deps.rules, services.clock.now());
    return { source: found.source, resolved: found.resolved ?? found.source, artifact: found.artifact.digest };
  };
  /** A protected plugin has no row of its own: it is held at an older version, or it is the one that this Molecule brings. */
  const putProtected: typeof put = async (trx, workspace, name, to) => {
    const { set } = await deps.sets.read(trx, workspace);
    const found = set.plugins.find((each) => each.name === name);
    if (found === undefined || found.artifact.digest === to.artifact) return null;
    if (to.artifact === deps.sets.currentDigest(name)) await releasePlugin(trx, workspace.id, name);
    else await holdPlugin(trx, workspace.id, name, to.artifact);
    const source = `builtin:${name}`;
    return { source, resolved: source, artifact: found.artifact.digest };
  };
  return {
    apply: async (trx, rollout, workspace) => {
      const before = await put(trx, workspace, rollout.name, PluginVersion.parse(rollout.plan['to']));
      return before === null ? null : { before, generation: await deps.plugins.changed(trx, workspace, 'system') };
    },
    undo: async (trx, rollout, workspace, step) => {
      if ((await put(trx, workspace, rollout.name, PluginVersion.parse(step.before))) !== null)
        await deps.plugins.changed(trx, workspace, 'system');
    },
    state: async (trx, rollout, workspace, step) => {
      const { set } = await deps.sets.read(trx, workspace);
      const artifact = PluginVersion.parse(rollout.plan['to']).artifact;
      const owner = set.plugins.find((plugin) => plugin.artifact.digest === artifact);
      const servers = set.servers
        .filter(({ plugin }) => plugin === owner?.name)
        .map(({ server }) => server.name as string);
      return (await pluginProof(trx, workspace.org_id, workspace.id, step.generation ?? 0, servers)).state;
    },
    finish: async () => undefined,
  };
}

export function runtimeSubject(services: Services): RolloutSubjectWork {
  const put = async (trx: Executor, workspace: WorkspaceRow, runtime: string): Promise<number> => {
    await trx.updateTable('workspaces').set({ runtime }).where('id', '=', workspace.id).execute();
    const cause = {
      reason: 'runtime_rollout',
      message: `The runtime changes to ${runtime}.`,
      actor: 'system',
      now: services.clock.now(),
    };
    // One that is paused takes it up when it is resumed.
    await requestBoot(trx, workspace.id, 'restart', cause);
    return raiseGeneration(trx, workspace.id);
  };
  return {
    apply: async (trx, rollout, workspace) =>
      workspace.runtime === rollout.name
        ? null
        : { before: { runtime: workspace.runtime }, generation: await put(trx, workspace, rollout.name) },
    undo: async (trx, _rollout, workspace, step) =>
      void (await put(trx, workspace, RuntimeBefore.parse(step.before).runtime)),
    state: async (trx, rollout, workspace, step) => {
      const row = await findWorkspace(trx, workspace.org_id, workspace.id);
      if (row === undefined || ['paused', 'hibernated', 'removed'].includes(row.status)) return 'no_box';
      if (row.status === 'failed' || row.status === 'degraded') return 'failed';
      return row.status === 'online' &&
        row.runtime === rollout.name &&
        (row.applied_generation ?? 0) >= (step.generation ?? 0)
        ? 'proved'
        : 'pending';
    },
    finish: async (trx, rollout) => {
      const settings = await readOrgSettings(trx, rollout.org_id);
      if (settings !== undefined)
        await writeOrgSettings(trx, rollout.org_id, { ...settings, runtime: rollout.name }, services.clock.now());
    },
  };
}
