import {
  type Budget,
  ENV,
  type ModelChoice,
  type ModelInfo,
  MoleculeError,
  type SecretInfo,
  type UsagePage,
  UsageQuery,
} from '@molecule/contracts';
import type { ModelManagement, ToolCall } from '@molecule/management-mcp';
import type { Executor, SecretKey, WorkspaceRow } from '@molecule/store';
import type { BudgetsService } from '../budgets/budgets-feature.ts';
import type { Services } from '../kernel/services.ts';
import { effectOnce } from '../mcp/effect-guard.ts';
import type { SecretsService } from '../secrets/secrets-service.ts';
import { readUsage, type UsageDeps } from '../usage/usage-feature.ts';
import type { ModelDesk } from './model-desk.ts';

export interface ModelToolsDeps extends UsageDeps {
  readonly secrets: SecretsService;
  readonly budgets: BudgetsService;
  readonly modelDesk: ModelDesk;
}

/**
 * Models, secrets, budgets and usage for the management tools. An agent that calls them may narrow what others have, never widen what it has itself: no provider keys, no
 * pin, nothing for its own workspace, no limit above one that a person set. A person's own agent, with a token that has the scope, may do what that person may.
 */
export class ModelTools implements ModelManagement {
  readonly #services: Services;
  readonly #deps: ModelToolsDeps;

  constructor(services: Services, deps: ModelToolsDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  listModels(call: ToolCall): Promise<ModelInfo[]> {
    return this.#deps.modelDesk.list(call.caller.orgId);
  }

  async showModel(call: ToolCall, workspace: string): Promise<ModelChoice> {
    return this.#deps.modelDesk.show(call.caller.orgId, await this.#find(this.#services.db, call, workspace));
  }

  async listSecrets(call: ToolCall, workspace: string): Promise<SecretInfo[]> {
    const row = await this.#find(this.#services.db, call, workspace);
    return [...(await this.#deps.secrets.list(this.#services.db, row.org_id, row.id))];
  }

  async setSecret(call: ToolCall, workspace: string, name: string, value: string): Promise<SecretInfo> {
    const { id } = await effectOnce(this.#services, call, async (trx) => {
      const key = await this.#keyOf(trx, call, workspace, name);
      const stored = await this.#deps.secrets.set(trx, key, value, call.caller);
      return { id: stored.id };
    });
    const row = await this.#find(this.#services.db, call, workspace);
    const found = (await this.#deps.secrets.list(this.#services.db, row.org_id, row.id)).find((each) => each.id === id);
    if (found === undefined) throw new MoleculeError('secret_not_found', { params: { name } });
    return found;
  }

  async deleteSecret(call: ToolCall, workspace: string, name: string): Promise<void> {
    await effectOnce(this.#services, call, async (trx) => {
      await this.#deps.secrets.remove(trx, await this.#keyOf(trx, call, workspace, name), call.caller);
      return {};
    });
  }

  async setBudget(
    call: ToolCall,
    workspace: string,
    budget: Parameters<ModelManagement['setBudget']>[2],
  ): Promise<Budget> {
    const row = await this.#find(this.#services.db, call, workspace);
    const scope = { kind: 'workspace', id: row.id } as const;
    if (!call.caller.scopes.has('budgets:write')) {
      if (row.id === call.caller.workspaceId)
        throw new MoleculeError('scope_missing', { params: { scope: 'budgets:write' } });
      const before = (await this.#deps.budgets.list(row.org_id)).find(
        (each) =>
          each.scope.kind === 'workspace' &&
          each.scope.id === row.id &&
          each.unit === budget.unit &&
          each.period === budget.period &&
          each.mode === 'hard',
      );
      const isPersons = before !== undefined && !before.createdBy.startsWith('box:');
      if (isPersons && budget.limit > before.limit)
        throw new MoleculeError('scope_missing', { params: { scope: 'budgets:write' } });
    }
    return this.#deps.budgets.set({ scope, ...budget, mode: 'hard' }, call.caller);
  }

  usage(call: ToolCall, query: Parameters<ModelManagement['usage']>[1]): Promise<UsagePage> {
    const { tree, ...rest } = query;
    return readUsage(this.#services, this.#deps, call.caller.orgId, UsageQuery.parse({ ...rest, tree: String(tree) }));
  }

  async #keyOf(trx: Executor, call: ToolCall, workspace: string, name: string): Promise<SecretKey> {
    const row = await this.#find(trx, call, workspace);
    const isDelicate =
      name === ENV.llmProvider ||
      name === ENV.orgApiKey ||
      (await this.#deps.secrets.isForGateway(trx, row.org_id, name));
    if (!call.caller.scopes.has('secrets:write') && (isDelicate || row.id === call.caller.workspaceId))
      throw new MoleculeError('scope_missing', { params: { scope: 'secrets:write' } });
    return { orgId: row.org_id, workspaceId: row.id, name };
  }

  #find(db: Executor, call: ToolCall, workspace: string): Promise<WorkspaceRow> {
    return this.#deps.workspaces.find(db, call.caller.orgId, workspace);
  }
}
