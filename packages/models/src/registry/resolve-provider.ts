import type { ProtocolId } from '../protocols/model-request.ts';
import { findListedModelIn, findModelIn, findProvider } from './find-model.ts';
import { parseModelRef } from './model-ref.ts';
import { nearestIds } from './nearest-ids.ts';
import { findPlatformModel, platformModelIds } from './platform-namespace.ts';
import type { ModelEntry, Provider, Registry } from './registry-schema.ts';

export type NotConfiguredReason =
  | 'model_missing'
  | 'provider_unknown'
  | 'model_unknown'
  | 'model_ambiguous'
  | 'credential_missing'
  | 'base_address_missing'
  | 'protocol_unsupported';

/** Which provider and model a workspace runs on, or why it cannot run a turn (B7, B8). */
export type ProviderResolution = ResolvedProvider | NotConfigured;

export interface ResolvedProvider {
  readonly kind: 'resolved';
  readonly providerId: string;
  /** The id inside that provider's catalogue; for `platform` the namespaced id. */
  readonly modelId: string;
  /** The registry lists the model; false = accepted by its family or an open catalogue, proved only by a preflight. */
  readonly listed: boolean;
  readonly source: 'pin' | 'config' | 'derived';
  /** Who really serves it: the provider itself, or for `platform` the vendor behind the namespace. */
  readonly upstream: { readonly providerId: string; readonly modelId: string };
  readonly entry: ModelEntry | null;
}

export interface NotConfigured {
  readonly kind: 'not_configured';
  readonly reason: NotConfiguredReason;
  /** What is wrong and what to do, for a person. */
  readonly message: string;
  /** Valid ids near what was asked, best first; may be empty. */
  readonly nearest: readonly string[];
}

export interface ResolveInput {
  /** `LLM_PROVIDER`; null or empty = not set. */
  readonly pin: string | null;
  /** The workspace config's `provider`; null or empty = not set. */
  readonly configProvider: string | null;
  readonly model: string | null;
  readonly registry: Registry;
  /** Ids of the providers with a usable credential. Absent: credentials are not checked. */
  readonly credentials?: ReadonlySet<string>;
  /** Ids of the providers for which the person gave a base address. */
  readonly baseAddresses?: ReadonlySet<string>;
  /** Protocols the runtime can speak. Absent: not checked. */
  readonly protocols?: readonly ProtocolId[];
}

/**
 * Resolves provider and model: pin, else config, else derivation from the model id by the registry (B7). Whatever cannot be resolved
 * is `not_configured` with a reason; another provider is never taken instead (B8).
 */
export function resolveProvider(input: ResolveInput): ProviderResolution {
  const named = [
    ['pin', input.pin],
    ['config', input.configProvider],
  ] as const;
  for (const [source, name] of named) {
    if (name === null || name.trim() === '') continue;
    const provider = findProvider(input.registry, name);
    if (provider === null) return unknownProvider(name.trim(), source, input.registry);
    return checked(withinProvider(provider, input, source), input);
  }
  return checked(derived(input), input);
}

/** The model inside a provider that was named. */
function withinProvider(
  provider: Provider,
  input: ResolveInput,
  source: ResolvedProvider['source'],
): ProviderResolution {
  const ref = parseModelRef(input.model, input.registry);
  if (ref.kind === 'empty') return missingModel(provider);
  const text = (input.model ?? '').trim();
  if (provider.kind === 'platform') return platformModel(provider, text, input.registry, source);
  // `anthropic/claude-x` under the provider anthropic is its model claude-x; a router has ids that begin with others' names.
  const own = ref.kind === 'qualified' && ref.providerId === provider.id ? ref.model : text;
  const hit = findModelIn(provider, own);
  return hit === null
    ? unknownModel(text, provider, input.registry)
    : resolved(provider, hit.modelId, hit.entry, source);
}

function platformModel(
  platform: Provider,
  text: string,
  registry: Registry,
  source: ResolvedProvider['source'],
): ProviderResolution {
  const exact = findPlatformModel(registry, text);
  const ids = platformModelIds(registry);
  const bySuffix = exact === null && !text.includes('/') ? ids.filter((id) => id.endsWith(`/${text}`)) : [];
  const found =
    exact ?? (bySuffix.length === 1 && bySuffix[0] !== undefined ? findPlatformModel(registry, bySuffix[0]) : null);
  if (found === null) {
    return notConfigured(
      'model_unknown',
      `The provider ${platform.id} does not serve the model ${text}. Choose one of its models, or set the provider to the one that has it.`,
      nearestIds(text, ids),
    );
  }
  const vendor = findProvider(registry, found.providerId);
  const entry = vendor === null ? null : (findListedModelIn(vendor, found.modelId)?.entry ?? null);
  return {
    kind: 'resolved',
    providerId: platform.id,
    modelId: found.id,
    listed: true,
    source,
    upstream: { providerId: found.providerId, modelId: found.modelId },
    entry,
  };
}

/** No provider named: the prefix decides, or for a bare id the only provider that lists it. */
function derived(input: ResolveInput): ProviderResolution {
  const { registry } = input;
  const ref = parseModelRef(input.model, registry);
  if (ref.kind === 'empty') return missingModel(null);
  if (ref.kind === 'qualified') {
    const provider = findProvider(registry, ref.providerId);
    return provider === null
      ? unknownProvider(ref.providerId, 'derived', registry)
      : withinProvider(provider, input, 'derived');
  }
  const id = ref.kind === 'foreign' ? ref.text : ref.model;
  const vendors = registry.providers.filter((provider) => provider.kind !== 'platform');
  const listed = vendors.filter((provider) => findListedModelIn(provider, id) !== null);
  const candidates =
    listed.length > 0
      ? listed
      : vendors.filter((provider) => !provider.openCatalog && findModelIn(provider, id) !== null);
  if (candidates.length > 1) {
    const ids = candidates.map((provider) => `${provider.id}/${id}`);
    return notConfigured(
      'model_ambiguous',
      `Several providers have a model ${id}. Name the provider, for example ${ids[0] ?? ''}.`,
      ids,
    );
  }
  const [provider] = candidates;
  const hit = provider === undefined ? null : findModelIn(provider, id);
  if (provider !== undefined && hit !== null) return resolved(provider, hit.modelId, hit.entry, 'derived');
  if (ref.kind === 'foreign') return unknownProvider(ref.prefix, 'derived', registry, ref.text);
  return unknownModel(id, null, registry);
}

/** What the provider needs besides a model: a protocol the runtime speaks, an address, a credential. */
function checked(resolution: ProviderResolution, input: ResolveInput): ProviderResolution {
  if (resolution.kind === 'not_configured') return resolution;
  const provider = findProvider(input.registry, resolution.upstream.providerId);
  if (provider === null || provider.kind === 'demo') return resolution;
  const speaks = Object.entries(provider.endpoints).filter(
    ([protocol]) => input.protocols === undefined || input.protocols.some((known) => known === protocol),
  );
  if (speaks.length === 0) {
    return notConfigured(
      'protocol_unsupported',
      `${provider.name} speaks ${Object.keys(provider.endpoints).join(', ')}, this runtime ${(input.protocols ?? []).join(', ')}. Choose another runtime or provider.`,
      [],
    );
  }
  const names = [resolution.providerId, provider.id];
  if (
    input.baseAddresses !== undefined &&
    speaks.every(([, endpoint]) => endpoint.baseUrl === null) &&
    !names.some((name) => input.baseAddresses?.has(name))
  ) {
    return notConfigured(
      'base_address_missing',
      `${provider.name} needs a base address. Set ${provider.baseUrlVariables[0] ?? 'it'} or give it with the credential.`,
      [],
    );
  }
  const needsKey = speaks.every(([, endpoint]) => endpoint.auth !== 'none');
  if (input.credentials !== undefined && needsKey && !names.some((name) => input.credentials?.has(name))) {
    const viaPlatform =
      resolution.source === 'derived' &&
      findPlatformModel(input.registry, `${provider.id}/${resolution.modelId}`) !== null;
    const hint = viaPlatform ? ' Or set the provider to platform, which also serves this model.' : '';
    return notConfigured(
      'credential_missing',
      `${provider.name} has no usable credential. Store one${provider.keyVariables[0] === undefined ? '' : ` (${provider.keyVariables[0]})`}.${hint}`,
      [],
    );
  }
  return resolution;
}

function resolved(
  provider: Provider,
  modelId: string,
  entry: ModelEntry | null,
  source: ResolvedProvider['source'],
): ResolvedProvider {
  return {
    kind: 'resolved',
    providerId: provider.id,
    modelId,
    listed: entry !== null,
    source,
    upstream: { providerId: provider.id, modelId },
    entry,
  };
}

function missingModel(provider: Provider | null): NotConfigured {
  const examples = provider === null ? [] : provider.models.slice(0, 3).map((model) => `${provider.id}/${model.id}`);
  return notConfigured('model_missing', 'No model is set. Choose one as PROVIDER/MODEL.', examples);
}

function unknownProvider(name: string, source: string, registry: Registry, model?: string): NotConfigured {
  const where =
    source === 'pin'
      ? 'LLM_PROVIDER names'
      : source === 'config'
        ? 'The configuration names'
        : `The model ${model ?? name} names`;
  const providers = registry.providers.flatMap((provider) => [provider.id, ...provider.aliases]);
  const models = model === undefined ? [] : nearestIds(model, allModelIds(registry));
  const nearest = [...new Set([...models, ...nearestIds(name, providers)])].slice(0, 3);
  return notConfigured('provider_unknown', `${where} the provider ${name}, which is not registered.`, nearest);
}

function unknownModel(id: string, provider: Provider | null, registry: Registry): NotConfigured {
  const own = provider === null ? allModelIds(registry) : provider.models.map((model) => `${provider.id}/${model.id}`);
  const typed = provider === null || id.startsWith(`${provider.id}/`) ? id : `${provider.id}/${id}`;
  const nearest = provider === null ? nearestByModelPart(id, registry) : nearestIds(typed, own);
  const whose = provider === null ? 'No provider has' : `${provider.name} has no`;
  return notConfigured('model_unknown', `${whose}${provider === null ? ' a' : ''} model ${id}.`, nearest);
}

function allModelIds(registry: Registry): string[] {
  return registry.providers.flatMap((provider) => provider.models.map((model) => `${provider.id}/${model.id}`));
}

/** For a bare id the nearness of the model's own part counts, not of the provider's name. */
function nearestByModelPart(id: string, registry: Registry): readonly string[] {
  const byPart = new Map(
    registry.providers.flatMap((provider) =>
      provider.models.map((model) => [model.id, `${provider.id}/${model.id}`] as const),
    ),
  );
  return nearestIds(id, byPart.keys()).flatMap((part) => byPart.get(part) ?? []);
}

function notConfigured(reason: NotConfiguredReason, message: string, nearest: readonly string[]): NotConfigured {
  return {
    kind: 'not_configured',
    reason,
    message: nearest.length === 0 ? message : `${message} Did you mean ${nearest.join(' or ')}?`,
    nearest,
  };
}
