import { BUILTIN_REGISTRY, findEnvironmentCredentials, findProvider, type Registry } from '@molecule/models';
import type { Upstream, Upstreams } from './upstream.ts';

/** Providers whose vendors hand out a token besides a key; it goes as a bearer token. */
const TOKEN_VARIABLE = /_AUTH_TOKEN$/;

/**
 * Providers that the environment of `up` gives access to, by the vendors' own variables as the registry lists them. The keys stay in the
 * control plane's memory. An address alone counts for providers that want no key.
 */
export function upstreamsFrom(
  env: Readonly<Record<string, string | undefined>>,
  registry: Registry = BUILTIN_REGISTRY,
): Upstreams {
  const found = new Map<string, Upstream>();
  for (const { providerId, keyVariable, baseUrl } of findEnvironmentCredentials(env, registry)) {
    const key = (env[keyVariable] ?? '').trim();
    const auth = TOKEN_VARIABLE.test(keyVariable) ? { auth: 'bearer' as const } : {};
    found.set(providerId, { provider: providerId, baseUrl, key, ...auth, origin: keyVariable });
  }
  for (const provider of registry.providers) {
    const variable = provider.baseUrlVariables.find((name) => (env[name] ?? '').trim() !== '');
    if (provider.keyVariables.length > 0 || variable === undefined) continue;
    const baseUrl = (env[variable] ?? '').trim().replace(/\/+$/, '');
    found.set(provider.id, { provider: provider.id, baseUrl, key: '', origin: variable });
  }
  return found;
}

/** Model that is taken for a provider when nobody named one; null when it has no usual one. */
export function defaultModelOf(provider: string): string | null {
  const model = findProvider(BUILTIN_REGISTRY, provider)?.defaultModel;
  return model === undefined ? null : `${provider}/${model}`;
}
