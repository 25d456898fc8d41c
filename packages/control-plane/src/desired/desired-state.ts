import { createHash } from 'node:crypto';
import { type DesiredState, MANAGEMENT_SERVER_NAME, MoleculeError } from '@molecule/contracts';
import type { DesiredPlugin } from '@molecule/domain';
import { needsFiles } from '@molecule/plugins';
import type { Executor, StoredArtifact, WorkspaceRow } from '@molecule/store';
import type { DesiredStatePort } from '../kernel/services.ts';
import type { ModelPort } from '../models/model-port.ts';
import type { PluginSets, WorkspacePlugins } from '../plugins/plugin-sets.ts';
import { renderIdentity, type TemplateCatalogue } from '../templates/template-catalogue.ts';

const TIMING: DesiredState['timing'] = {
  heartbeatIntervalMs: 30_000,
  warmSessionMs: 300_000,
  proveIntervalMs: 120_000,
  turnDeadlineMs: 1_800_000,
};

export interface DesiredStateOptions {
  readonly templates: TemplateCatalogue;
  readonly models: ModelPort;
  readonly sets: PluginSets;
  readonly timing?: Partial<DesiredState['timing']>;
}

/**
 * The one document that a box is told: a pure function of stored rows, templates and settings (B46). Order of installs and partial
 * failures cannot change it; a plugin that has no artifact yet is simply not in it.
 */
export class DesiredStates implements DesiredStatePort {
  readonly #options: DesiredStateOptions;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
  }

  async compute(db: Executor, workspaceId: string, bootId: string): Promise<DesiredState> {
    const row = await db.selectFrom('workspaces').selectAll().where('id', '=', workspaceId).executeTakeFirst();
    if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: workspaceId } });
    const plugins = await this.#options.sets.read(db, row);
    const { set } = plugins;
    const template = this.#options.templates.get(
      row.template ?? (row.kind === 'platform' ? 'platform-agent' : 'blank-agent'),
    );
    const identity = renderIdentity(template.identityText, { name: row.name, role: row.role });
    const { access, pin } = await this.#options.models.access(db, row);
    return {
      workspaceId: row.id as DesiredState['workspaceId'], // uuid columns
      orgId: row.org_id as DesiredState['orgId'],
      bootId: bootId as DesiredState['bootId'],
      generation: row.generation,
      name: row.name,
      kind: row.kind,
      runtime: row.runtime as DesiredState['runtime'], // the column's check has the same pattern
      model: access,
      providerPin: pin,
      ...serversOf(plugins),
      artifacts: set.plugins.flatMap((plugin) => artifactOf(plugin)),
      identity: { text: identity, digest: `sha256:${createHash('sha256').update(identity).digest('hex')}` },
      instructions: set.plugins.flatMap(({ artifact: { manifest } }) =>
        manifest.instructions.map(({ text }) => ({ plugin: manifest.name, text })),
      ),
      assets: [...template.assetFiles],
      secretNames: [...(await this.#options.models.secretNames(db, row))],
      egress: [],
      timing: { ...TIMING, ...this.#options.timing },
    };
  }

  modelTrouble(db: Executor, workspace: WorkspaceRow): ReturnType<DesiredStatePort['modelTrouble']> {
    return this.#options.models.trouble(db, workspace);
  }
}

/** A server whose tools changed is kept from the agent until they are accepted, and still counts as needed. */
function serversOf({ set, pins }: WorkspacePlugins): Pick<DesiredState, 'servers' | 'held'> {
  const all = set.servers.map(({ plugin, server }) => ({
    ...server,
    plugin: plugin as DesiredState['servers'][number]['plugin'], // name of a parsed manifest
    witnessed: server.name === MANAGEMENT_SERVER_NAME,
  }));
  const isHeld = (name: string): boolean => pins.get(name)?.state === 'held';
  return { servers: all.filter(({ name }) => !isHeld(name)), held: all.filter(({ name }) => isHeld(name)) };
}

/** Only what has files to unpack: a plugin that is nothing but a server entry needs no download. */
function artifactOf({ artifact, origin }: DesiredPlugin<StoredArtifact>): DesiredState['artifacts'] {
  const { manifest, digest, sizeBytes } = artifact;
  if (!needsFiles(manifest)) return [];
  const skills = manifest.skills.map((skill) => skill.path);
  const required = manifest.required || origin === 'protected';
  return [{ plugin: manifest.name, digest, sizeBytes, skills, required, setup: manifest.setup }];
}
