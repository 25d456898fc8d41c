import { findListedModelIn } from './find-model.ts';
import type { Registry } from './registry-schema.ts';

/** Where the platform really gets one of its models from. */
export interface PlatformModel {
  /** The id inside the platform's namespace, e.g. `moonshot/kimi-k2.6`. */
  readonly id: string;
  readonly providerId: string;
  readonly modelId: string;
}

/** Every id of the platform's namespace. Derived from the registry (B17): a provider's models marked `platformManaged`. */
export function platformModelIds(registry: Registry): readonly string[] {
  return registry.providers.flatMap((provider) =>
    provider.models.filter((model) => model.platformManaged).map((model) => `${provider.id}/${model.id}`),
  );
}

/**
 * A platform model by its namespaced id; an alias of the provider or the model also counts, and a leading `platform/` is left out.
 * Null for everything else, also for ids that only look like it (B17).
 */
export function findPlatformModel(registry: Registry, id: string): PlatformModel | null {
  const platform = registry.providers.find((provider) => provider.kind === 'platform');
  if (platform === undefined) return null;
  const prefix = `${platform.id}/`;
  const inner = id.startsWith(prefix) ? id.slice(prefix.length) : id;
  const slash = inner.indexOf('/');
  if (slash <= 0) return null;
  const vendorName = inner.slice(0, slash).toLowerCase();
  const vendor = registry.providers.find(
    (provider) => provider.kind === 'vendor' && (provider.id === vendorName || provider.aliases.includes(vendorName)),
  );
  if (vendor === undefined) return null;
  const hit = findListedModelIn(vendor, inner.slice(slash + 1));
  if (hit?.entry?.platformManaged !== true) return null;
  return { id: `${vendor.id}/${hit.modelId}`, providerId: vendor.id, modelId: hit.modelId };
}
