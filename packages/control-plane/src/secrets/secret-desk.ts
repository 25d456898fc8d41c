import { type ModelCheck, MoleculeError, type StoredSecret } from '@molecule/contracts';
import type { Provider } from '@molecule/models';
import { findWorkspace, type SecretKey } from '@molecule/store';
import { addressProblem, type UpstreamAgents } from '../gateway/upstream-agents.ts';
import type { Services } from '../kernel/services.ts';
import type { ModelsService } from '../models/models-service.ts';
import { preflight } from '../models/preflight.ts';
import type { ModelTroubles } from '../models/troubles.ts';
import type { SecretDeed, SecretsService } from './secrets-service.ts';

/** Results that say that key, address or model are wrong; anything else may be the network's fault and is only told. */
const WRONG = new Set(['credential_refused', 'quota_ended', 'model_refused', 'address_refused']);

export interface SecretDeskDeps {
  readonly secrets: SecretsService;
  readonly models: ModelsService;
  readonly troubles: ModelTroubles;
  readonly agents: UpstreamAgents;
  readonly allowInternal: boolean;
}

/** Setting a secret, with the trial call for those of model providers: what does not work is said when it is set, not at the first turn. */
export class SecretDesk {
  readonly #services: Services;
  readonly #deps: SecretDeskDeps;

  constructor(services: Services, deps: SecretDeskDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  /**
   * @param grants ids of workspaces, for a secret of the org; undefined leaves them
   * @throws MoleculeError `preflight_failed` unless forced, `address_refused`, `secret_name_reserved`
   */
  async set(
    key: SecretKey,
    input: { readonly value: string; readonly force: boolean },
    deed: SecretDeed,
    grants?: readonly string[],
  ): Promise<StoredSecret> {
    const { secrets, troubles } = this.#deps;
    const check = await this.#try(key, input);
    const row = await this.#services.db
      .transaction()
      .execute((trx) => secrets.set(trx, key, input.value, deed, grants === undefined ? {} : { grants }));
    if (check !== null) await troubles.changed(key.orgId);
    const listed = await secrets.list(this.#services.db, key.orgId, key.workspaceId);
    const grantsNow = listed.find((each) => each.id === row.id)?.grants ?? [];
    return { ...(await secrets.info(this.#services.db, row, grantsNow)), check };
  }

  async #try(key: SecretKey, input: { readonly value: string; readonly force: boolean }): Promise<ModelCheck | null> {
    const { models, agents, allowInternal } = this.#deps;
    const registry = await models.registries.of(this.#services.db, key.orgId);
    const provider = registry.providers.find(
      (each) => each.keyVariables.includes(key.name) || each.baseUrlVariables.includes(key.name),
    );
    if (provider === undefined) return null;
    const value = input.value.trim();
    if (provider.baseUrlVariables.includes(key.name)) {
      const problem = addressProblem(value, allowInternal);
      if (problem !== null)
        throw new MoleculeError('address_refused', { params: { address: value.slice(0, 200), detail: problem } });
    }
    const model = await this.#modelFor(key, provider);
    if (model === null) return null;
    const planned = await models.plan(
      this.#services.db,
      { orgId: key.orgId, workspaceId: key.workspaceId, model },
      { pin: provider.id, secret: { name: key.name, value, workspaceId: key.workspaceId } },
    );
    // The address alone, or the key alone, is not enough yet: it is tried when the other comes.
    if (planned.kind !== 'plan') return null;
    const check = await preflight(planned.plan, agents, this.#services.stopping);
    if (!check.ok && WRONG.has(check.reason ?? '') && !input.force)
      throw new MoleculeError('preflight_failed', { params: { provider: provider.name, detail: check.message } });
    return check;
  }

  /** The model that will be used with it, else the provider's usual one. */
  async #modelFor(key: SecretKey, provider: Provider): Promise<string | null> {
    const row =
      key.workspaceId === null ? undefined : await findWorkspace(this.#services.db, key.orgId, key.workspaceId);
    if (row?.model?.startsWith(`${provider.id}/`) === true) return row.model;
    return provider.defaultModel === undefined ? null : `${provider.id}/${provider.defaultModel}`;
  }
}
