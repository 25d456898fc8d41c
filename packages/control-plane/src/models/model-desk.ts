import {
  ENV,
  type ModelCheck,
  type ModelChoice,
  type ModelInfo,
  MoleculeError,
  type SetModel,
} from '@molecule/contracts';
import { findProvider } from '@molecule/models';
import {
  appendAudit,
  appendEvents,
  bumpGeneration,
  type Executor,
  findWorkspace,
  type WorkspaceRow,
} from '@molecule/store';
import type { z } from 'zod';
import type { UpstreamAgents } from '../gateway/upstream-agents.ts';
import type { Services } from '../kernel/services.ts';
import { reassess } from '../readiness/reassess.ts';
import type { SecretsService } from '../secrets/secrets-service.ts';
import { readOrgSettings, writeOrgSettings } from '../workspaces/org-settings.ts';
import type { Planned } from './call-plan.ts';
import { DEMO_MODEL, type ModelSubject, type ModelsService, subjectOf } from './models-service.ts';
import { preflight } from './preflight.ts';
import type { ModelTroubles } from './troubles.ts';

export interface ModelDeskDeps {
  readonly models: ModelsService;
  readonly secrets: SecretsService;
  readonly troubles: ModelTroubles;
  readonly agents: UpstreamAgents;
}

export interface ModelDeed {
  readonly orgId: string;
  readonly actor: string;
}

/** Choosing models: for the org and for a workspace, with the trial call at the moment of choice. */
export class ModelDesk {
  readonly #services: Services;
  readonly #deps: ModelDeskDeps;

  constructor(services: Services, deps: ModelDeskDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  /** Every model that the registry lists; `available`: there is a key for it now. */
  async list(orgId: string): Promise<ModelInfo[]> {
    const registry = await this.#deps.models.registries.of(this.#services.db, orgId);
    const available = await this.#deps.models.availableProviders(this.#services.db, orgId);
    return registry.providers.flatMap((provider) =>
      provider.models.map((model) => ({
        id: `${provider.id}/${model.id}`,
        provider: provider.id,
        providerName: provider.name,
        available: available.has(provider.id),
        platformManaged: model.platformManaged,
        demo: provider.kind === 'demo',
        contextTokens: model.contextTokens ?? null,
        protocols: Object.keys(provider.endpoints),
        price:
          model.price === undefined
            ? null
            : {
                input: model.price.input,
                output: model.price.output,
                ...(model.price.cacheRead === undefined ? {} : { cacheRead: model.price.cacheRead }),
                ...(model.price.cacheWrite === undefined ? {} : { cacheWrite: model.price.cacheWrite }),
              },
      })),
    );
  }

  /** What a workspace, or the org (null), runs on now. */
  async show(orgId: string, workspace: WorkspaceRow | null): Promise<ModelChoice> {
    const subject = workspace === null ? { orgId, workspaceId: null, model: null } : subjectOf(workspace);
    return this.#choice(subject, await this.#deps.models.plan(this.#services.db, subject), null);
  }

  /** Tries what is set, or a model that is named. */
  async check(orgId: string, workspace: WorkspaceRow | null, model: string | null): Promise<ModelCheck> {
    const subject = { orgId, workspaceId: workspace?.id ?? null, model: model ?? workspace?.model ?? null };
    const planned = await this.#deps.models.plan(
      this.#services.db,
      subject,
      model === null ? undefined : { pin: null },
    );
    if (planned.kind === 'direct')
      return {
        ok: true,
        provider: planned.provider,
        model: planned.model ?? 'default',
        reason: null,
        message: "The runtime's own login is used directly; only a turn can try it.",
        latencyMs: 0,
      };
    if (planned.kind === 'none')
      return {
        ok: false,
        provider: '',
        model: model ?? '',
        reason: planned.reason,
        message: planned.message,
        latencyMs: 0,
      };
    return preflight(planned.plan, this.#deps.agents, this.#services.stopping);
  }

  /**
   * Chooses for a workspace, or for the org (null). @throws MoleculeError `model_invalid`, and `preflight_failed` when the trial call says that it does not work,
   * unless forced; a missing key is no error: the answer says so, and so does the workspace
   */
  async set(
    orgId: string,
    workspace: WorkspaceRow | null,
    input: z.output<typeof SetModel>,
    deed: ModelDeed,
  ): Promise<ModelChoice> {
    const { models, troubles } = this.#deps;
    const { db } = this.#services;
    const provider = await this.#providerId(orgId, input.provider);
    if (input.model !== null && provider == null) await models.check(db, orgId, input.model);
    const subject = { orgId, workspaceId: workspace?.id ?? null, model: input.model };
    // Our own pin follows the model: it has no say in what is chosen.
    const isOurs =
      workspace !== null && provider === undefined && (await this.#pinOf(orgId, workspace.id)).origin === 'platform';
    const planned = await models.plan(
      db,
      subject,
      provider !== undefined ? { pin: provider } : isOurs ? { pin: null } : undefined,
    );
    if (
      planned.kind === 'none' &&
      input.model !== null &&
      !['credential_missing', 'provider_unreadable'].includes(planned.reason)
    ) {
      throw new MoleculeError('model_invalid', {
        params: {
          model: input.model,
          detail: planned.message,
          nearest: planned.nearest.length === 0 ? 'none' : planned.nearest,
        },
      });
    }
    const check =
      planned.kind === 'plan' ? await preflight(planned.plan, this.#deps.agents, this.#services.stopping) : null;
    if (check !== null && !check.ok && check.reason !== 'unreachable' && !input.force)
      throw new MoleculeError('preflight_failed', { params: { provider: check.provider, detail: check.message } });
    await db.transaction().execute(async (trx) => {
      if (workspace === null) await this.#storeForOrg(trx, orgId, input.model ?? DEMO_MODEL, provider);
      else await this.#storeForWorkspace(trx, workspace, input.model, provider, deed);
      await appendEvents(trx, [
        {
          orgId,
          workspaceId: workspace?.id ?? null,
          type: 'model.changed',
          actor: deed.actor,
          data: { model: input.model, provider: provider ?? null },
        },
      ]);
      await appendAudit(
        trx,
        {
          orgId,
          actor: deed.actor,
          action: 'model.set',
          target: workspace?.id ?? null,
          data: { model: input.model, provider: provider ?? null },
        },
        this.#services.clock.now(),
      );
    });
    await troubles.changed(orgId);
    await this.#judge(orgId, workspace);
    const row = workspace === null ? null : ((await findWorkspace(db, orgId, workspace.id)) ?? workspace);
    const now = row === null ? { orgId, workspaceId: null, model: null } : subjectOf(row);
    return this.#choice(now, await models.plan(db, now), check);
  }

  async #pinOf(orgId: string, workspaceId: string): Promise<{ readonly origin: 'customer' | 'platform' | null }> {
    const stored = await this.#deps.secrets.read(this.#services.db, { orgId, workspaceId, name: ENV.llmProvider });
    return { origin: stored.state === 'unset' ? null : stored.row.origin };
  }

  async #providerId(orgId: string, name: string | null | undefined): Promise<string | null | undefined> {
    if (name === undefined || name === null) return name;
    const registry = await this.#deps.models.registries.of(this.#services.db, orgId);
    const provider = findProvider(registry, name);
    if (provider === null)
      throw new MoleculeError('model_invalid', {
        params: {
          model: name,
          detail: 'there is no such provider',
          nearest: registry.providers.map((each) => each.id),
        },
      });
    return provider.id;
  }

  async #storeForOrg(trx: Executor, orgId: string, model: string, provider: string | null | undefined): Promise<void> {
    const before = await readOrgSettings(trx, orgId);
    if (before === undefined) throw new MoleculeError('internal');
    await writeOrgSettings(
      trx,
      orgId,
      { ...before, model, modelAccess: 'gateway', ...(provider === undefined ? {} : { provider }) },
      this.#services.clock.now(),
    );
    await trx
      .updateTable('workspaces')
      .set((eb) => ({ generation: eb('generation', '+', 1) }))
      .where('org_id', '=', orgId)
      .where('model', 'is', null)
      .where('status', '<>', 'removed')
      .execute();
  }

  async #storeForWorkspace(
    trx: Executor,
    row: WorkspaceRow,
    model: string | null,
    provider: string | null | undefined,
    deed: ModelDeed,
  ): Promise<void> {
    await trx
      .updateTable('workspaces')
      .set({ model, model_origin: model === null ? null : 'customer' })
      .where('id', '=', row.id)
      .execute();
    const key = { orgId: row.org_id, workspaceId: row.id, name: ENV.llmProvider };
    if (provider !== undefined && provider !== null) await this.#deps.secrets.set(trx, key, provider, deed);
    else {
      const stored = await this.#deps.secrets.read(trx, key);
      // Our own pin follows the new model; a person's stays unless they take it away.
      if (stored.state !== 'unset' && (provider === null || stored.row.origin === 'platform'))
        await this.#deps.secrets.remove(trx, key, deed);
      if (provider === undefined)
        await this.#deps.models.provision(trx, { ...row, model, model_origin: model === null ? null : 'customer' });
    }
    await bumpGeneration(trx, row.id);
  }

  /** Whom it concerns is ready, or not, at once. */
  async #judge(orgId: string, workspace: WorkspaceRow | null): Promise<void> {
    const rows = await this.#services.db
      .selectFrom('workspaces')
      .select('id')
      .where('org_id', '=', orgId)
      .where('boot_id', 'is not', null)
      .where('registered_at', 'is not', null)
      .where('status', 'in', ['online', 'degraded', 'booting', 'failed'])
      .$if(workspace !== null, (query) => query.where('id', '=', workspace?.id ?? ''))
      .$if(workspace === null, (query) => query.where('model', 'is', null))
      .execute();
    for (const { id } of rows)
      await this.#services.db.transaction().execute((trx) => reassess(this.#services, trx, id, 'system'));
  }

  async #choice(subject: ModelSubject, planned: Planned, check: ModelCheck | null): Promise<ModelChoice> {
    const stored =
      subject.workspaceId === null
        ? ({ state: 'unset' } as const)
        : await this.#deps.secrets.read(this.#services.db, {
            orgId: subject.orgId,
            workspaceId: subject.workspaceId,
            name: ENV.llmProvider,
          });
    const pin = stored.state === 'set' ? { provider: stored.value, origin: stored.row.origin } : null;
    const settings = await readOrgSettings(this.#services.db, subject.orgId);
    const common = { model: subject.model ?? settings?.model ?? null, pin, check };
    switch (planned.kind) {
      case 'plan':
        return {
          ...common,
          configured: true,
          provider: planned.plan.provider,
          credential: planned.plan.credential,
          reason: null,
          message: `Runs on ${planned.plan.vendor.name}, model ${planned.plan.modelId}.`,
          nearest: [],
        };
      case 'direct':
        return {
          ...common,
          configured: true,
          provider: planned.provider,
          credential: "the runtime's own login",
          reason: null,
          message: "Uses the runtime's own login directly, not the gateway.",
          nearest: [],
        };
      case 'none':
        return {
          ...common,
          configured: false,
          provider: null,
          credential: null,
          reason: planned.reason,
          message: `${planned.message} ${planned.nextStep}`,
          nearest: [...planned.nearest],
        };
    }
  }
}
