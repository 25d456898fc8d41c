import type { AuthStyle, Provider, Registry } from '@molecule/models';
import type { Executor } from '@molecule/store';
import type { SecretsService } from '../secrets/secrets-service.ts';
import type { CredentialOrigin } from './call-plan.ts';
import type { Upstream, Upstreams } from './upstream.ts';

/** A key with the address that belongs to it. */
export interface Credential {
  readonly origin: CredentialOrigin;
  readonly key: string;
  /** Null = the provider's own address. */
  readonly baseUrl: string | null;
  readonly auth: AuthStyle | null;
  /** The address was given over the API: it must not be an internal one. */
  readonly guarded: boolean;
}

/** What is known of one provider's access; `unreadable` = there is a key that cannot be opened, which is not the same as none (B15). */
export type CredentialState =
  | { readonly state: 'found'; readonly credential: Credential }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly name: string };

export type Credentials = ReadonlyMap<string, CredentialState>;

/** A secret that is not stored yet, for a trial. */
export interface TrialSecret {
  readonly name: string;
  readonly value: string;
  readonly workspaceId: string | null;
}

export interface CredentialSearch {
  readonly secrets: SecretsService;
  readonly upstreams: Upstreams;
  readonly registry: Registry;
  readonly orgId: string;
  readonly workspaceId: string | null;
  /** Addresses given over the API may be internal ones: the operator said so. */
  readonly allowInternal: boolean;
  /** Taken instead of what is stored under its name. */
  readonly trial?: TrialSecret | undefined;
}

/** By name; null = cannot be opened. */
type Level = ReadonlyMap<string, string | null>;

/** Variables by which a provider's bearer token goes, whatever its endpoint says. */
const BEARER_VARIABLE = /_AUTH_TOKEN$/;

/** Names of every provider's keys and addresses: secrets of these names are for the gateway and never reach a box. */
export function gatewayNames(registry: Registry): ReadonlySet<string> {
  return new Set(registry.providers.flatMap((provider) => [...provider.keyVariables, ...provider.baseUrlVariables]));
}

/**
 * The access of a workspace to each provider: its own key, then the org's, then the operator's environment. A key goes only to the
 * address that came with it, so that one person's key is never sent to another person's address.
 */
export async function findCredentials(db: Executor, search: CredentialSearch): Promise<Credentials> {
  const { registry, orgId, workspaceId, trial } = search;
  const opened = await search.secrets.forGateway(db, orgId, workspaceId, [...gatewayNames(registry)]);
  const own = new Map<string, string | null>();
  const shared = new Map<string, string | null>();
  for (const each of opened) {
    if (each.state === 'unset') continue;
    (each.row.workspace_id === null ? shared : own).set(each.row.name, each.state === 'set' ? each.value.trim() : null);
  }
  if (trial !== undefined) (trial.workspaceId === null ? shared : own).set(trial.name, trial.value);
  return new Map(
    registry.providers.map((provider) => [
      provider.id,
      ofLevel(provider, own, 'workspace', search.allowInternal) ??
        ofLevel(provider, shared, 'org', search.allowInternal) ??
        ofOperator(provider, search.upstreams.get(provider.id)),
    ]),
  );
}

function ofLevel(
  provider: Provider,
  level: Level,
  origin: 'workspace' | 'org',
  allowInternal: boolean,
): CredentialState | null {
  const keyName = provider.keyVariables.find((name) => level.has(name));
  const baseName = provider.baseUrlVariables.find((name) => level.has(name));
  // An address alone is access only where no key is wanted.
  if (keyName === undefined && (baseName === undefined || provider.keyVariables.length > 0)) return null;
  for (const name of [keyName, baseName])
    if (name !== undefined && level.get(name) === null) return { state: 'unreadable', name };
  const baseUrl = baseName === undefined ? null : (level.get(baseName) ?? null);
  return {
    state: 'found',
    credential: {
      origin,
      key: keyName === undefined ? '' : (level.get(keyName) ?? ''),
      baseUrl: baseUrl === null ? null : baseUrl.replace(/\/+$/, ''),
      auth: keyName !== undefined && BEARER_VARIABLE.test(keyName) ? 'bearer' : null,
      guarded: baseName !== undefined && !allowInternal,
    },
  };
}

function ofOperator(provider: Provider, upstream: Upstream | undefined): CredentialState {
  if (upstream !== undefined) {
    const { key, baseUrl, auth = null } = upstream;
    return { state: 'found', credential: { origin: 'environment', key, baseUrl, auth, guarded: false } };
  }
  const endpoints = Object.values(provider.endpoints);
  const wantsNone = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.auth === 'none');
  if (!wantsNone) return { state: 'missing' };
  return { state: 'found', credential: { origin: 'none needed', key: '', baseUrl: null, auth: null, guarded: false } };
}
