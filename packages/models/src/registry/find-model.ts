import { editDistance } from './nearest-ids.ts';
import type { ModelEntry, Provider, Registry } from './registry-schema.ts';

/** A model found in one provider's catalogue. */
export interface CatalogueHit {
  /** The provider's own id for it: an alias becomes the real id. */
  readonly modelId: string;
  /** Null for an id that is accepted by its name's family or by an open catalogue. */
  readonly entry: ModelEntry | null;
}

export function findProvider(registry: Registry, idOrAlias: string): Provider | null {
  const wanted = idOrAlias.trim().toLowerCase();
  return registry.providers.find((provider) => provider.id === wanted || provider.aliases.includes(wanted)) ?? null;
}

/** Looks a model id up in one provider's catalogue; null when it is not there and the catalogue is closed to it. */
export function findModelIn(provider: Provider, id: string): CatalogueHit | null {
  const listed = findListedModelIn(provider, id);
  if (listed !== null) return listed;
  if (provider.openCatalog) return { modelId: id, entry: null };
  const inFamily = provider.families.some((family) => matchesFamily(family, id)) && !looksMistyped(provider, id);
  return inFamily ? { modelId: id, entry: null } : null;
}

/** Only what the registry lists by id or alias. A context suffix such as `[1m]` selects a variant of the listed model. */
export function findListedModelIn(provider: Provider, id: string): CatalogueHit | null {
  const suffix = /\[[^\]]+\]$/.exec(id)?.[0] ?? '';
  const bare = suffix === '' ? id : id.slice(0, -suffix.length);
  const entry = provider.models.find((model) => model.id === bare || model.aliases.includes(bare));
  return entry === undefined ? null : { modelId: entry.id + suffix, entry };
}

/** A word that is nearly, but not quite, a word of the listed ids is a typing error, not a new model. */
function looksMistyped(provider: Provider, id: string): boolean {
  const known = new Set(provider.models.flatMap((model) => words(model.id)));
  return words(id).some(
    (word) =>
      word.length >= 4 &&
      !known.has(word) &&
      [...known].some((other) => other.length >= 4 && editDistance(word, other) <= 2),
  );
}

function words(id: string): string[] {
  return id
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}

function matchesFamily(family: string, id: string): boolean {
  return family.endsWith('*') ? id.startsWith(family.slice(0, -1)) : id === family;
}
