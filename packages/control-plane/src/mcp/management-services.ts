import { MoleculeError, type MoleculeEvent, type Task, type Workspace } from '@molecule/contracts';
import type { ManagementServices, ModelManagement, PluginManagement, ToolCall } from '@molecule/management-mcp';
import {
  type Executor,
  findWorkspace,
  formatCursor,
  listWorkspaces,
  parseCursor,
  readEvents,
  START_CURSOR,
  type WorkspaceRow,
} from '@molecule/store';
import { publicEvent } from '../events/public-event.ts';
import { rowCursor } from '../kernel/row-cursor.ts';
import type { Services } from '../kernel/services.ts';
import { readinessOf } from '../readiness/readiness-feature.ts';
import type { TemplateCatalogue } from '../templates/template-catalogue.ts';
import { publicTemplate } from '../templates/templates-feature.ts';
import { readOrgSettings } from '../workspaces/org-settings.ts';
import { publicWorkspace } from '../workspaces/public-workspace.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import { effectOnce } from './effect-guard.ts';
import type { PeerWork } from './peer-work.ts';
import { untilSettled } from './until-settled.ts';

export interface ManagementDeps {
  readonly workspaces: WorkspacesService;
  readonly templates: TemplateCatalogue;
  readonly work: PeerWork;
  readonly plugins: PluginManagement;
  readonly models: ModelManagement;
}

/** The management tools on the domain services: the same rules, transactions and refusals as the HTTP routes. */
export class ControlPlaneTools implements ManagementServices {
  readonly models: ModelManagement;
  readonly plugins: PluginManagement;
  readonly #services: Services;
  readonly #deps: ManagementDeps;

  constructor(services: Services, deps: ManagementDeps) {
    this.#services = services;
    this.#deps = deps;
    this.plugins = deps.plugins;
    this.models = deps.models;
  }

  async listWorkspaces(
    call: ToolCall,
    query: { limit: number; cursor?: string },
  ): Promise<{ items: Workspace[]; nextCursor: string | null }> {
    const { orgId } = call.caller;
    const after = rowCursor(query.cursor);
    const rows = await listWorkspaces(this.#services.db, {
      orgId,
      limit: query.limit,
      ...(after === undefined ? {} : { after }),
    });
    const model = (await readOrgSettings(this.#services.db, orgId))?.model ?? null;
    return {
      items: rows.map((row) => publicWorkspace(row, model)),
      nextCursor: rows.length === query.limit ? (rows.at(-1)?.id ?? null) : null,
    };
  }

  async getWorkspace(call: ToolCall, workspace: string): Promise<Workspace> {
    return this.#public(await this.#find(call, workspace));
  }

  async provisionWorkspace(
    call: ToolCall,
    input: Parameters<ManagementServices['provisionWorkspace']>[1],
    waitMs: number,
  ): Promise<Workspace> {
    const { id } = await effectOnce(this.#services, call, async (trx) => ({
      id: (await this.#deps.workspaces.create(trx, input, call.caller)).id,
    }));
    const row = await findWorkspace(this.#services.db, call.caller.orgId, id);
    if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: id } });
    return this.#public(await untilSettled(this.#services, row, waitMs, call.signal));
  }

  restartWorkspace(call: ToolCall, workspace: string): Promise<Workspace> {
    return this.#change(call, workspace, (trx, row) => this.#deps.workspaces.restart(trx, row, call.caller));
  }

  pauseWorkspace(call: ToolCall, workspace: string): Promise<Workspace> {
    return this.#change(call, workspace, (trx, row) => this.#deps.workspaces.pause(trx, row, call.caller));
  }

  resumeWorkspace(call: ToolCall, workspace: string): Promise<Workspace> {
    return this.#change(call, workspace, (trx, row) => this.#deps.workspaces.resume(trx, row, call.caller));
  }

  deprovisionWorkspace(call: ToolCall, workspace: string, confirmName: string): Promise<Workspace> {
    return this.#change(call, workspace, (trx, row) =>
      this.#deps.workspaces.remove(trx, row, confirmName, call.caller),
    );
  }

  async whyWorkspace(
    call: ToolCall,
    workspace: string,
  ): Promise<Awaited<ReturnType<ManagementServices['whyWorkspace']>>> {
    const row = await this.#find(call, workspace);
    return { workspace: await this.#public(row), readiness: await readinessOf(this.#services, row) };
  }

  async listTemplates(): Promise<Awaited<ReturnType<ManagementServices['listTemplates']>>> {
    return this.#deps.templates.list().map(publicTemplate);
  }

  async listEvents(
    call: ToolCall,
    query: { limit: number; workspace?: string; cursor?: string },
  ): Promise<{ items: MoleculeEvent[]; nextCursor: string | null }> {
    const workspace = query.workspace === undefined ? undefined : await this.#find(call, query.workspace);
    const filter = { orgId: call.caller.orgId, ...(workspace === undefined ? {} : { workspaceId: workspace.id }) };
    const events = await readEvents(
      this.#services.db,
      query.cursor === undefined ? START_CURSOR : parseCursor(query.cursor),
      filter,
      query.limit,
    );
    const last = events.at(-1);
    const history = events.filter((event) => event.type !== 'turn.events').map(publicEvent);
    return {
      items: history,
      nextCursor: events.length === query.limit && last !== undefined ? formatCursor(last.position) : null,
    };
  }

  async sendMessage(call: ToolCall, workspace: string, text: string, waitMs: number): Promise<Task> {
    const row = await this.#find(call, workspace);
    await this.#mayTalk(call, row);
    return this.#deps.work.send(call, row, text, waitMs);
  }

  async getTask(call: ToolCall, taskId: string): Promise<Task> {
    return this.#deps.work.get(call, taskId);
  }

  async listPeers(call: ToolCall): Promise<Workspace[]> {
    const model = (await readOrgSettings(this.#services.db, call.caller.orgId))?.model ?? null;
    return (await this.#peers(call)).map((row) => publicWorkspace(row, model));
  }

  /** Parent, children and siblings: the org tree decides who may talk to whom (design 10). */
  async #peers(call: ToolCall): Promise<readonly WorkspaceRow[]> {
    const { workspaceId, orgId } = call.caller;
    if (workspaceId === null) return [];
    const own = await findWorkspace(this.#services.db, orgId, workspaceId);
    if (own === undefined) return [];
    return this.#services.db
      .selectFrom('workspaces')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('status', '<>', 'removed')
      .where('id', '<>', own.id)
      .where((eb) =>
        eb.or([
          eb('parent_id', '=', own.id),
          ...(own.parent_id === null ? [] : [eb('id', '=', own.parent_id), eb('parent_id', '=', own.parent_id)]),
        ]),
      )
      .orderBy('id')
      .execute();
  }

  async #mayTalk(call: ToolCall, row: WorkspaceRow): Promise<void> {
    if (call.caller.scopes.has('mcp:management')) return;
    if (!(await this.#peers(call)).some((peer) => peer.id === row.id))
      throw new MoleculeError('peer_not_reachable', { params: { workspace: row.name } });
  }

  async #change(
    call: ToolCall,
    ref: string,
    work: (trx: Executor, row: WorkspaceRow) => Promise<void>,
  ): Promise<Workspace> {
    const { id } = await effectOnce(this.#services, call, async (trx) => {
      const row = await this.#deps.workspaces.find(trx, call.caller.orgId, ref);
      await work(trx, row);
      return { id: row.id };
    });
    this.#services.tokens.forget({ workspaceId: id });
    return this.#public(await this.#find(call, id));
  }

  #find(call: ToolCall, ref: string): Promise<WorkspaceRow> {
    return this.#deps.workspaces.find(this.#services.db, call.caller.orgId, ref);
  }

  #public(row: WorkspaceRow): Promise<Workspace> {
    return this.#deps.workspaces.toPublic(this.#services.db, row);
  }
}
