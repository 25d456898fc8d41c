import type { WorkspaceKind } from '@molecule/contracts';
import { findPlatformModel } from './platform-namespace.ts';
import type { Registry } from './registry-schema.ts';
import { resolveProvider } from './resolve-provider.ts';

/** The value of the pin that the platform itself seeds. */
export const PLATFORM_PROVIDER_ID = 'platform';

/** A stored setting. Unreadable (the read or the decryption failed) is not unset: it may be a customer's choice (B15). */
export type StoredSetting =
  | { readonly state: 'unset' }
  | {
      readonly state: 'set';
      readonly value: string /** Who wrote it; absent = not known, treated as the customer. */;
      readonly origin?: 'customer' | 'platform';
    }
  | { readonly state: 'unreadable' };

export interface PinInput {
  /** Null reads as `workspace` (B2). */
  readonly kind: WorkspaceKind | null;
  /** The workspace was created by the concierge: the same rule applies to it (B18). */
  readonly childOfConcierge?: boolean;
  readonly storedProvider: StoredSetting;
  /** The model this provision will run with. */
  readonly effectiveModel: StoredSetting;
  readonly registry: Registry;
}

export type PinReason =
  | 'platform_managed_model'
  | 'no_model_yet'
  | 'not_concierge'
  | 'customer_choice'
  | 'already_pinned'
  | 'provider_unreadable'
  | 'model_unreadable'
  | 'not_platform_managed'
  | 'stale_platform_pin';

/**
 * What to do with `LLM_PROVIDER` at this provision. `seed`: put it into this provision's environment and store it (B9).
 * `clear`: remove our own earlier pin, because the customer has since chosen a model of another provider (B19). `none`: write nothing.
 */
export type PinDecision =
  | { readonly action: 'seed'; readonly provider: typeof PLATFORM_PROVIDER_ID; readonly reason: PinReason }
  | { readonly action: 'clear'; readonly reason: PinReason }
  | {
      readonly action: 'none';
      readonly reason: PinReason /** Worth a log line: something could not be read (B15). */;
      readonly log: boolean;
    };

/**
 * The one rule for the provider pin of the concierge (B9, B11 to B13, B15 to B17) and of its children (B18).
 *
 * | subject                  | stored provider     | effective model            | decision                     | vector |
 * |--------------------------|---------------------|----------------------------|------------------------------|--------|
 * | ordinary workspace, null | any                 | any                        | none, not_concierge          | T4     |
 * | concierge or its child   | unreadable          | any                        | none, logged                 | T6     |
 * |                          | unset               | unreadable                 | none, logged                 | B15    |
 * |                          | set by the customer | any                        | none, customer_choice        | T2     |
 * |                          | `platform` by us    | another provider's         | clear                        | B19    |
 * |                          | `platform`          | platform-managed or empty  | none, already_pinned         | B9     |
 * |                          | unset               | platform-managed           | seed                         | T1     |
 * |                          | unset               | empty                      | seed                         | B16    |
 * |                          | unset               | anything else, unknown too | none, not_platform_managed   | T3 B17 |
 */
export function decidePin(input: PinInput): PinDecision {
  if (input.kind !== 'platform' && input.childOfConcierge !== true) return none('not_concierge');
  const { storedProvider, effectiveModel, registry } = input;
  if (storedProvider.state === 'unreadable') return none('provider_unreadable', true);
  if (storedProvider.state === 'set' && storedProvider.value.trim() !== '') {
    if (storedProvider.value.trim() !== PLATFORM_PROVIDER_ID) return none('customer_choice');
    const stale =
      storedProvider.origin === 'platform' &&
      effectiveModel.state === 'set' &&
      isOtherProviders(effectiveModel.value, registry);
    return stale ? { action: 'clear', reason: 'stale_platform_pin' } : none('already_pinned');
  }
  if (effectiveModel.state === 'unreadable') return none('model_unreadable', true);
  if (effectiveModel.state === 'unset' || effectiveModel.value.trim() === '')
    return { action: 'seed', provider: PLATFORM_PROVIDER_ID, reason: 'no_model_yet' };
  if (isPlatformManaged(effectiveModel.value, registry))
    return { action: 'seed', provider: PLATFORM_PROVIDER_ID, reason: 'platform_managed_model' };
  return none('not_platform_managed');
}

/** The model stands in the platform's namespace as the registry has it, not merely with a familiar prefix (B17). */
export function isPlatformManaged(model: string, registry: Registry): boolean {
  return findPlatformModel(registry, model.trim()) !== null;
}

/** The model certainly belongs to another provider; an unknown or mistyped one proves nothing. */
function isOtherProviders(model: string, registry: Registry): boolean {
  if (model.trim() === '' || isPlatformManaged(model, registry)) return false;
  return resolveProvider({ pin: null, configProvider: null, model, registry }).kind === 'resolved';
}

function none(reason: PinReason, log = false): PinDecision {
  return { action: 'none', reason, log };
}
