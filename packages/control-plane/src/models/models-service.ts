import { ENV, type ModelAccess } from '@molecule/contracts';
import {
  findProvider,
  modelInvalidError,
  PLATFORM_PROVIDER_ID,
  PROTOCOL_IDS,
  type ProtocolId,
  type Provider,
  type Registry,
  type ResolvedProvider,
  resolveProvider,
} from '@molecule/models';
import { type Executor, findTrouble, type WorkspaceRow } from '@molecule/store';
import type { Logger } from '../kernel/logger.ts';
import type { SecretsService } from '../secrets/secrets-service.ts';
import { readOrgSettings } from '../workspaces/org-settings.ts';
import { type CallPlan, keyOwner, type Planned, type PlannedEndpoint } from './call-plan.ts';
import {
  type Credential,
  type CredentialState,
  type Credentials,
  findCredentials,
  gatewayNames,
  type TrialSecret,
} from './credentials.ts';
import type { ModelPort } from './model-port.ts';
import { provisionModel, settingOf } from './provision-model.ts';
import type { Registries } from './registries.ts';
import type { Upstreams } from './upstream.ts';

export const DEMO_MODEL = 'demo/scripted';

/** Paths below the control plane's address, by what adapters call them. */
const PATHS = {
  anthropic: ['anthropic', '/llm/anthropic'],
  'openai-responses': ['openaiResponses', '/llm/openai/v1'],
  'openai-chat': ['openaiChat', '/llm/openai/v1'],
  google: ['google', '/llm/google'],
} as const satisfies Record<ProtocolId, readonly [string, string]>;

const CHOOSE = 'Choose one with `molecule model set`; `molecule model list` shows what is there.';

/** Whose model it is that is asked about. */
export interface ModelSubject {
  readonly orgId: string;
  readonly workspaceId: string | null;
  /** Null = the org's default. */
  readonly model: string | null;
}

/** How workspaces reach their models (design 9). An id that cannot be resolved gives a reason, never another provider (B8). */
export class ModelsService implements ModelPort {
  readonly registries: Registries;
  readonly #secrets: SecretsService;
  readonly #upstreams: Upstreams;
  readonly #log: Logger;
  readonly #allowInternal: boolean;

  constructor(deps: {
    readonly registries: Registries;
    readonly secrets: SecretsService;
    readonly upstreams: Upstreams;
    readonly log: Logger;
    readonly allowInternal: boolean;
  }) {
    this.registries = deps.registries;
    this.#secrets = deps.secrets;
    this.#upstreams = deps.upstreams;
    this.#log = deps.log;
    this.#allowInternal = deps.allowInternal;
    deps.secrets.useGatewayNames(async (db, orgId) => gatewayNames(await this.registries.of(db, orgId)));
  }

  async access(
    db: Executor,
    workspace: WorkspaceRow,
  ): Promise<{ readonly access: ModelAccess; readonly pin: string | null }> {
    const planned = await this.plan(db, subjectOf(workspace));
    switch (planned.kind) {
      case 'direct':
        return { access: { kind: 'direct', provider: planned.provider, model: planned.model }, pin: null };
      case 'none':
        return {
          access: { kind: 'none', reason: planned.reason, message: planned.message, nextStep: planned.nextStep },
          pin: planned.pin,
        };
      case 'plan': {
        const { plan, pin } = planned;
        const paths = Object.fromEntries(Object.keys(plan.endpoints).map((protocol) => PATHS[protocol as ProtocolId])); // keys of `endpoints` are protocol ids
        return {
          access: { kind: 'gateway', provider: plan.provider, model: plan.modelId, paths, demo: plan.isDemo },
          pin,
        };
      }
    }
  }

  /** Resolves the model and finds address and key (B7, B8). Never throws for what is merely not configured. */
  async plan(
    db: Executor,
    subject: ModelSubject,
    override?: { readonly pin: string | null; readonly secret?: TrialSecret },
  ): Promise<Planned> {
    const { orgId, workspaceId } = subject;
    const [settings, registry, stored] = await Promise.all([
      readOrgSettings(db, orgId),
      this.registries.of(db, orgId),
      workspaceId === null || override !== undefined
        ? ({ state: 'unset' } as const)
        : this.#secrets.read(db, { orgId, workspaceId, name: ENV.llmProvider }),
    ]);
    const setting = settingOf(stored);
    if (setting.state === 'unreadable') {
      return none(
        'provider_unreadable',
        'The stored provider cannot be opened, and guessing another one could bill somebody else.',
        'Start with the master key that sealed it, or set the provider anew with `molecule model set --provider`.',
        null,
      );
    }
    const pin =
      override !== undefined
        ? override.pin
        : setting.state === 'set' && setting.value.trim() !== ''
          ? setting.value.trim()
          : null;
    const model = subject.model ?? settings?.model ?? null;
    if (subject.model === null && pin === null && settings?.modelAccess === 'direct')
      return { kind: 'direct', ...directModel(model) };
    const credentials = await this.#credentials(db, registry, orgId, workspaceId, override?.secret);
    const found = [...credentials].filter(([, each]) => each.state === 'found').map(([id]) => id);
    const withAddress = [...credentials].flatMap(([id, each]) =>
      each.state === 'found' && each.credential.baseUrl !== null ? [id] : [],
    );
    const resolution = resolveProvider({
      pin,
      configProvider: settings?.provider ?? null,
      model,
      registry,
      credentials: new Set(found),
      baseAddresses: new Set(withAddress),
    });
    if (resolution.kind === 'not_configured') {
      const unreadable =
        resolution.reason === 'credential_missing'
          ? [...credentials.values()].find((each) => each.state === 'unreadable')
          : undefined;
      const detail =
        unreadable === undefined ? resolution.message : `The stored key ${unreadable.name} cannot be opened.`;
      return none(resolution.reason, detail, nextStepOf(resolution.reason), pin, resolution.nearest);
    }
    const vendor = findProvider(registry, resolution.upstream.providerId);
    if (vendor === null)
      return none('provider_unknown', `The provider ${resolution.upstream.providerId} is not registered.`, CHOOSE, pin);
    return {
      kind: 'plan',
      pin,
      plan: planOf(subject, resolution, {
        vendor,
        registry,
        base: this.registries.base,
        credentials,
        otherModels: settings?.otherModels ?? true,
        allowInternal: this.#allowInternal,
      }),
    };
  }

  async check(db: Executor, orgId: string, model: string): Promise<void> {
    const resolution = resolveProvider({
      pin: null,
      configProvider: null,
      model,
      registry: await this.registries.of(db, orgId),
    });
    if (resolution.kind === 'not_configured') throw modelInvalidError(model, resolution);
  }

  async provision(trx: Executor, workspace: WorkspaceRow): Promise<void> {
    const registry = await this.registries.of(trx, workspace.org_id);
    const credentials = await this.#credentials(trx, registry, workspace.org_id, workspace.id);
    await provisionModel(trx, workspace, { secrets: this.#secrets, log: this.#log, registry, credentials });
  }

  /** Providers that the org has access to now; `platform` when it serves anything. */
  async availableProviders(db: Executor, orgId: string): Promise<ReadonlySet<string>> {
    const registry = await this.registries.of(db, orgId);
    const credentials = await this.#credentials(db, registry, orgId, null);
    return new Set([...credentials].filter(([, each]) => each.state === 'found').map(([id]) => id));
  }

  #credentials(
    db: Executor,
    registry: Registry,
    orgId: string,
    workspaceId: string | null,
    trial?: TrialSecret,
  ): Promise<Credentials> {
    return findCredentials(db, {
      secrets: this.#secrets,
      upstreams: this.#upstreams,
      registry,
      orgId,
      workspaceId,
      allowInternal: this.#allowInternal,
      trial,
    });
  }

  secretNames(db: Executor, workspace: WorkspaceRow): Promise<readonly string[]> {
    return this.#secrets.namesForBox(db, workspace.org_id, workspace.id);
  }

  async trouble(
    db: Executor,
    workspace: WorkspaceRow,
  ): Promise<{ readonly reason: string; readonly message: string; readonly nextStep: string } | null> {
    const any = await db
      .selectFrom('model_troubles')
      .select('provider')
      .where('org_id', '=', workspace.org_id)
      .limit(1)
      .executeTakeFirst();
    if (any === undefined) return null;
    const planned = await this.plan(db, subjectOf(workspace));
    if (planned.kind !== 'plan') return null;
    const row = await findTrouble(db, workspace.org_id, keyOwner(planned.plan), planned.plan.vendor.id);
    if (row === undefined) return null;
    return {
      reason: row.reason,
      message: row.message,
      nextStep:
        'It is tried again by itself. Mend the key or the quota with the provider, or choose another model with `molecule model set`.',
    };
  }
}

export function subjectOf(workspace: WorkspaceRow): ModelSubject {
  return { orgId: workspace.org_id, workspaceId: workspace.id, model: workspace.model };
}

interface PlanParts {
  readonly vendor: Provider;
  readonly registry: Registry;
  /** What the operator's installation knows, without what the org added. */
  readonly base: Registry;
  readonly credentials: Credentials;
  readonly otherModels: boolean;
  readonly allowInternal: boolean;
}

function planOf(subject: ModelSubject, resolution: ResolvedProvider, parts: PlanParts): CallPlan {
  const { vendor, registry, credentials } = parts;
  const isPlatform = resolution.providerId === PLATFORM_PROVIDER_ID;
  // The platform's own proxy first, where there is one; else the operator's or the org's access to the vendor.
  const proxy = isPlatform ? found(credentials.get(PLATFORM_PROVIDER_ID)) : null;
  const credential = proxy ?? found(credentials.get(vendor.id));
  const endpoints: Partial<Record<ProtocolId, PlannedEndpoint>> = {};
  for (const protocol of PROTOCOL_IDS) {
    const endpoint = vendor.endpoints[protocol];
    if (endpoint === undefined) continue;
    const trusted = parts.base.providers.find((each) => each.id === vendor.id)?.endpoints[protocol]?.baseUrl ?? null;
    // The operator's key goes to the addresses that the operator knows, whatever the org's registry says.
    const own = credential?.origin === 'environment' ? trusted : endpoint.baseUrl;
    const baseUrl = vendor.kind === 'demo' ? '' : addressOf(protocol, own, credential);
    if (baseUrl === null) continue;
    endpoints[protocol] = {
      baseUrl,
      auth: credential?.auth ?? (proxy === null ? endpoint.auth : 'bearer'),
      key: credential?.key ?? '',
      guarded: credential?.guarded === true || (!parts.allowInternal && credential?.baseUrl == null && own !== trusted),
    };
  }
  return {
    orgId: subject.orgId,
    workspaceId: subject.workspaceId,
    provider: resolution.providerId,
    vendor,
    modelId: proxy === null ? resolution.upstream.modelId : resolution.modelId,
    entry: resolution.entry,
    registry,
    isDemo: vendor.kind === 'demo',
    allowsOtherModels: parts.otherModels,
    endpoints,
    credential: credential?.origin ?? 'none needed',
  };
}

/**
 * The address of one protocol from the one address that was given, as the vendors' variables have it: OpenAI's ends in `/v1`, Anthropic's and
 * Google's do not. An address that names another protocol serves that one alone.
 */
function addressOf(protocol: ProtocolId, own: string | null, credential: Credential | null): string | null {
  const given = credential?.baseUrl ?? null;
  if (given === null) return own;
  const bare = given.replace(/\/v1$/, '');
  if (protocol === 'anthropic' || protocol === 'google') return bare;
  if (bare.endsWith('/anthropic')) return null;
  return own?.endsWith('/v1beta/openai') === true ? `${bare}/v1beta/openai` : `${bare}/v1`;
}

function found(state: CredentialState | undefined): Credential | null {
  return state?.state === 'found' ? state.credential : null;
}

function directModel(model: string | null): { readonly provider: string; readonly model: string | null } {
  const slash = model?.indexOf('/') ?? -1;
  return model === null || slash < 1
    ? { provider: 'direct', model }
    : { provider: model.slice(0, slash), model: model.slice(slash + 1) };
}

function none(
  reason: string,
  message: string,
  nextStep: string,
  pin: string | null,
  nearest: readonly string[] = [],
): Planned {
  return { kind: 'none', reason, message, nextStep, nearest, pin };
}

function nextStepOf(reason: string): string {
  return reason === 'credential_missing'
    ? `Store the key with \`molecule secret set\`, start with it in the environment, or choose ${DEMO_MODEL}.`
    : CHOOSE;
}
