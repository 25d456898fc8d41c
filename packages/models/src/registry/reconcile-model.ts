import { ENV } from '@molecule/contracts';
import { isPlatformManaged, type StoredSetting } from './decide-pin.ts';
import type { Registry } from './registry-schema.ts';

export type ModelReconciliation =
  | { readonly action: 'keep'; readonly model: string }
  | { readonly action: 'replace'; readonly model: string }
  | { readonly action: 'seed'; readonly model: string }
  /** Nothing can be decided; the gate for a missing model fails closed (B14). */
  | { readonly action: 'none'; readonly reason: 'model_unreadable' | 'no_default'; readonly log: boolean };

/**
 * The model for a provision: what is stored, or the platform's default when nothing is (B14), or the new default in place of an old
 * one that the platform itself had stored (B19). A customer's model, and any model outside the platform's namespace, is never
 * replaced; an unreadable one is not unset (B15). A default that the registry does not serve is not seeded (B14).
 */
export function reconcileModel(
  stored: StoredSetting,
  platformDefault: string | null,
  registry: Registry,
): ModelReconciliation {
  if (stored.state === 'unreadable') return { action: 'none', reason: 'model_unreadable', log: true };
  const usable = platformDefault !== null && isPlatformManaged(platformDefault, registry) ? platformDefault : null;
  if (stored.state === 'unset' || stored.value.trim() === '') {
    return usable === null ? { action: 'none', reason: 'no_default', log: false } : { action: 'seed', model: usable };
  }
  const isOurs = stored.origin === 'platform' && isPlatformManaged(stored.value, registry);
  return isOurs && usable !== null && usable !== stored.value
    ? { action: 'replace', model: usable }
    : { action: 'keep', model: stored.value };
}

/** The older name of the model variable; agents and plugins still read it. */
const PLAIN_MODEL_VARIABLE = 'MODEL';

/** The variables that carry the model into a box. Both always have the same value: a stale one must not outrank a fresh one (B19). */
export function modelEnvironment(model: string): Readonly<Record<string, string>> {
  return { [PLAIN_MODEL_VARIABLE]: model, [ENV.model]: model };
}
