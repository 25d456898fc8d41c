import { type CreateWorkspace, MoleculeError, newId, type Workspace } from '@molecule/contracts';
import { protectedPlugins, sourceIdentity } from '@molecule/domain';
import {
  appendAudit,
  appendEvents,
  applyTransition,
  type EntitlementRules,
  type Executor,
  findWorkspace,
  findWorkspaceByName,
  insertWorkspace,
  requestBoot,
  revokeWorkspaceTokens,
  type TransitionOutcome,
  type WorkspaceRow,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { violatedConstraint } from '../kernel/violated-constraint.ts';
import type { ModelPort } from '../models/model-port.ts';
import type { BuiltinCatalogue } from '../plugins/builtin-catalogue.ts';
import { declareWanted } from '../plugins/declare-wanted.ts';
import type { TemplateCatalogue } from '../templates/template-catalogue.ts';
import { readOrgSettings } from './org-settings.ts';
import { publicWorkspace } from './public-workspace.ts';
import { checkRuntime } from './runtime-check.ts';

export interface WorkspacesDeps {
  readonly templates: TemplateCatalogue;
  readonly models: ModelPort;
  readonly builtins: BuiltinCatalogue;
  readonly rules: EntitlementRules;
}

export interface Deed {
  readonly orgId: string;
  readonly actor: string;
  /** The workspace whose box asks; null for people and for the control plane itself. */
  readonly workspaceId: string | null;
}

const DEFAULT_TEMPLATE = 'blank-agent';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What people and agents do with workspaces. Every deed is one transaction: the change, its event and its audit entry commit together. */
export class WorkspacesService {
  readonly #services: Services;
  readonly #deps: WorkspacesDeps;

  constructor(services: Services, deps: WorkspacesDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  /** By id or by name, whatever its case. @throws MoleculeError `workspace_not_found` */
  async find(db: Executor, orgId: string, ref: string): Promise<WorkspaceRow> {
    const row = UUID.test(ref) ? await findWorkspace(db, orgId, ref) : await findWorkspaceByName(db, orgId, ref);
    if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: ref } });
    return row;
  }

  async toPublic(db: Executor, row: WorkspaceRow): Promise<Workspace> {
    return publicWorkspace(row, (await readOrgSettings(db, row.org_id))?.model ?? null);
  }

  /**
   * Creates an ordinary workspace in the given transaction; a box host gives it a box as soon as the event is out.
   * @throws MoleculeError for an unknown or unavailable runtime, template, model or parent, and for a taken name
   */
  async create(trx: Executor, input: CreateWorkspace, deed: Deed): Promise<WorkspaceRow> {
    const settings = await readOrgSettings(trx, deed.orgId);
    const template = this.#deps.templates.get(input.template ?? DEFAULT_TEMPLATE);
    if (template.kind === 'platform') throw new MoleculeError('concierge_exists');
    const runtime = input.runtime ?? template.runtime ?? settings?.runtime ?? '';
    await checkRuntime(trx, deed.orgId, runtime);
    const model = input.model ?? template.model ?? null;
    if (model !== null) await this.#deps.models.check(trx, deed.orgId, model);
    const concierge = await trx
      .selectFrom('workspaces')
      .select('id')
      .where('org_id', '=', deed.orgId)
      .where('kind', '=', 'platform')
      .executeTakeFirst();
    if (input.parentId !== undefined) {
      const parent = await findWorkspace(trx, deed.orgId, input.parentId);
      if (parent === undefined || parent.status === 'removed')
        throw new MoleculeError('parent_not_found', { params: { parent: input.parentId } });
    }
    const taken = await findWorkspaceByName(trx, deed.orgId, input.name);
    if (taken !== undefined) throw nameTaken(input.name, taken.id);
    const row = await insertWorkspace(trx, {
      id: newId(),
      orgId: deed.orgId,
      name: input.name,
      kind: 'workspace',
      parentId: input.parentId ?? concierge?.id ?? null,
      runtime,
      template: template.name,
      role: input.role ?? null,
      model,
      createdBy: deed.actor,
    }).catch((error: unknown) => {
      // Two at once with the same name: the index decides.
      if (violatedConstraint(error) === 'workspaces_name') throw nameTaken(input.name, 'another request made it');
      throw error;
    });
    await this.declareTemplatePlugins(trx, row, deed, input.plugins ?? []);
    const now = this.#services.clock.now();
    await appendEvents(trx, [
      {
        orgId: deed.orgId,
        workspaceId: row.id,
        type: 'workspace.created',
        actor: deed.actor,
        data: { name: row.name, kind: row.kind, runtime, template: template.name, parentId: row.parent_id },
      },
    ]);
    await appendAudit(
      trx,
      { orgId: deed.orgId, actor: deed.actor, action: 'workspace.create', target: row.id, data: { name: row.name } },
      now,
    );
    return row;
  }

  /** Declares what the template and the protected set want, and what was asked for besides (B21, B27, B33). */
  async declareTemplatePlugins(
    trx: Executor,
    row: WorkspaceRow,
    deed: Deed,
    asked: readonly string[] = [],
  ): Promise<void> {
    const template = this.#deps.templates.get(row.template ?? DEFAULT_TEMPLATE);
    const guarded = protectedPlugins(row.kind);
    const wanted = new Map(template.plugins.map((plugin) => [plugin.name, plugin.source]));
    for (const source of asked) wanted.set(sourceIdentity(source, this.#deps.rules.hosts).lastName, source);
    for (const name of guarded) wanted.set(name, `builtin:${name}`);
    const list = [...wanted].map(([name, source]) => ({
      name,
      source,
      protected: guarded.includes(name),
      isAsked: asked.includes(source),
    }));
    await declareWanted(this.#services, this.#deps, trx, row, list, deed);
  }

  async restart(trx: Executor, row: WorkspaceRow, deed: Deed): Promise<void> {
    this.#must(await requestBoot(trx, row.id, 'restart', this.#cause('restart_requested', deed)), row, 'restarted');
    await this.#audit(trx, row, deed, 'workspace.restart');
  }

  async pause(trx: Executor, row: WorkspaceRow, deed: Deed): Promise<void> {
    if (row.kind === 'platform') throw new MoleculeError('concierge_protected', { params: { event: 'paused' } });
    this.#must(await applyTransition(trx, row.id, 'pause', this.#cause('paused', deed)), row, 'paused');
    await this.#endBoot(trx, row);
    await this.#audit(trx, row, deed, 'workspace.pause');
  }

  async resume(trx: Executor, row: WorkspaceRow, deed: Deed): Promise<void> {
    this.#must(await requestBoot(trx, row.id, 'resume', this.#cause(null, deed)), row, 'resumed');
    await this.#audit(trx, row, deed, 'workspace.resume');
  }

  /** Removes it for good. Children move up to its parent, so that nobody is orphaned. @param confirmName must be its exact name */
  async remove(trx: Executor, row: WorkspaceRow, confirmName: string, deed: Deed): Promise<void> {
    if (row.kind === 'platform') throw new MoleculeError('concierge_protected', { params: { event: 'removed' } });
    if (confirmName !== row.name)
      throw new MoleculeError('workspace_name_mismatch', { params: { given: confirmName } });
    await trx.updateTable('workspaces').set({ parent_id: row.parent_id }).where('parent_id', '=', row.id).execute();
    this.#must(await applyTransition(trx, row.id, 'remove', this.#cause('removed', deed)), row, 'removed');
    await this.#endBoot(trx, row);
    await this.#audit(trx, row, deed, 'workspace.remove');
  }

  async #endBoot(trx: Executor, row: WorkspaceRow): Promise<void> {
    await revokeWorkspaceTokens(trx, row.id, this.#services.clock.now());
    await appendEvents(trx, [
      { orgId: row.org_id, workspaceId: row.id, type: 'token.revoked', actor: 'system', data: { workspaceId: row.id } },
    ]);
  }

  async #audit(trx: Executor, row: WorkspaceRow, deed: Deed, action: string): Promise<void> {
    await appendAudit(
      trx,
      { orgId: row.org_id, actor: deed.actor, action, target: row.id, data: { name: row.name } },
      this.#services.clock.now(),
    );
  }

  #cause(reason: string | null, deed: Deed) {
    return { reason, actor: deed.actor, now: this.#services.clock.now() };
  }

  #must(outcome: TransitionOutcome, row: WorkspaceRow, event: string): void {
    if (outcome.ok) return;
    throw new MoleculeError(outcome.code, {
      params: { workspace: row.name, from: outcome.status ?? 'unknown', event },
    });
  }
}

function nameTaken(name: string, workspaceId: string): MoleculeError {
  return new MoleculeError('workspace_name_taken', { params: { name, workspaceId } });
}
