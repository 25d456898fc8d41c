import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import {
  BUILTIN_REGISTRY,
  decidePin,
  isPlatformManaged,
  mergeRegistry,
  modelEnvironment,
  type PinInput,
  reconcileModel,
  resolveProvider,
  type StoredSetting,
} from '../../src/index.ts';

const unset: StoredSetting = { state: 'unset' };
const unreadable: StoredSetting = { state: 'unreadable' };
const set = (value: string, origin?: 'customer' | 'platform'): StoredSetting => ({
  state: 'set',
  value,
  ...(origin === undefined ? {} : { origin }),
});
const decide = (change: Partial<PinInput>) =>
  decidePin({
    kind: 'platform',
    storedProvider: unset,
    effectiveModel: set('moonshot/kimi-k2.6'),
    registry: BUILTIN_REGISTRY,
    ...change,
  });
const SEED = { action: 'seed', provider: 'platform' };

describe('the pin of the concierge', () => {
  test(verifies(['B9', 'T1'], 'is seeded for a platform-managed model with nothing stored'), () => {
    expect(decide({})).toMatchObject(SEED);
  });

  test(
    verifies(['B13', 'T1'], 'heals a concierge that has a model but no pin: not configured before, resolved after'),
    () => {
      const credentials = new Set(['platform']);
      const resolve = (pin: string | null) =>
        resolveProvider({
          pin,
          configProvider: null,
          model: 'moonshot/kimi-k2.6',
          registry: BUILTIN_REGISTRY,
          credentials,
        });
      expect(resolve(null).kind).toBe('not_configured');
      const decision = decide({ effectiveModel: set('moonshot/kimi-k2.6', 'platform') });
      expect(decision.action === 'seed' && resolve(decision.provider)).toMatchObject({
        kind: 'resolved',
        providerId: 'platform',
      });
    },
  );

  test.each(['anthropic', 'moonshot', 'openrouter', 'something-own'])(
    verifies(['B11', 'T2'], 'respects the stored provider %s'),
    (value) => {
      expect(decide({ storedProvider: set(value) })).toEqual({ action: 'none', reason: 'customer_choice', log: false });
      expect(decide({ storedProvider: set(value), effectiveModel: unset })).toMatchObject({ action: 'none' });
    },
  );

  test.each([
    'claude-sonnet-5',
    'anthropic:claude-sonnet-5',
    'openai/gpt-5',
    'ollama/llama3',
    'openrouter/moonshot/kimi-k2.6',
    'demo/scripted',
    'kimi-k2.6',
  ])(verifies(['B12', 'T3'], 'is not seeded for the model %s of another provider'), (model) => {
    expect(decide({ effectiveModel: set(model) })).toEqual({
      action: 'none',
      reason: 'not_platform_managed',
      log: false,
    });
  });

  test.each([['workspace'], [null]] as const)(
    verifies(['B1', 'B2', 'T4'], 'is not the business of kind %s, whatever is stored'),
    (kind) => {
      for (const storedProvider of [unset, unreadable, set('platform'), set('anthropic')]) {
        for (const effectiveModel of [unset, unreadable, set('moonshot/kimi-k2.6'), set('gpt-5')]) {
          expect(decide({ kind, storedProvider, effectiveModel })).toEqual({
            action: 'none',
            reason: 'not_concierge',
            log: false,
          });
        }
      }
    },
  );

  test(verifies(['B15', 'T6'], 'is not seeded over a setting that cannot be read, and that is logged'), () => {
    expect(decide({ storedProvider: unreadable })).toEqual({
      action: 'none',
      reason: 'provider_unreadable',
      log: true,
    });
    expect(decide({ effectiveModel: unreadable })).toEqual({ action: 'none', reason: 'model_unreadable', log: true });
  });

  test(verifies('B16', 'is seeded when there is no model yet'), () => {
    expect(decide({ effectiveModel: unset })).toMatchObject(SEED);
    expect(decide({ effectiveModel: set('  ') })).toMatchObject(SEED);
  });

  test(verifies('B17', 'follows the registry, not a prefix'), () => {
    for (const model of [
      'minimax/MiniMax-M2',
      'minimax/minimax-m2',
      'kimi/kimi-k2.6',
      'anthropic/claude-opus-5',
      'platform/moonshot/kimi-k2.6',
    ])
      expect(decide({ effectiveModel: set(model) })).toMatchObject(SEED);
    for (const model of ['moonshot/kimi-k99', 'moonshot/', 'moonshot', 'moonshotx/kimi-k2.6'])
      expect(decide({ effectiveModel: set(model) })).toMatchObject({ action: 'none' });
    const merged = mergeRegistry(BUILTIN_REGISTRY, {
      providers: [
        {
          id: 'moonshot',
          models: [
            { id: 'kimi-k2.6', platformManaged: false },
            { id: 'kimi-k99', platformManaged: true },
          ],
        },
      ],
    });
    const registry = merged.ok ? merged.registry : BUILTIN_REGISTRY;
    expect(decide({ registry })).toMatchObject({ action: 'none' });
    expect(decide({ registry, effectiveModel: set('moonshot/kimi-k99') })).toMatchObject(SEED);
  });

  test(verifies('B18', 'is the same for children of the concierge'), () => {
    const child = (change: Partial<PinInput>) => decide({ kind: 'workspace', childOfConcierge: true, ...change });
    expect(child({})).toMatchObject(SEED);
    expect(child({ effectiveModel: set('gpt-5') })).toMatchObject({ action: 'none', reason: 'not_platform_managed' });
    expect(child({ storedProvider: set('anthropic') })).toMatchObject({ action: 'none', reason: 'customer_choice' });
    expect(child({ storedProvider: unreadable })).toMatchObject({ action: 'none', log: true });
  });

  test(
    verifies(
      'B19',
      "of our own making is cleared when the customer has chosen another provider's model, a customer's pin never",
    ),
    () => {
      expect(decide({ storedProvider: set('platform', 'platform') })).toMatchObject({
        action: 'none',
        reason: 'already_pinned',
      });
      expect(
        decide({ storedProvider: set('platform', 'platform'), effectiveModel: set('openai/gpt-5') }),
      ).toMatchObject({ action: 'clear' });
      expect(
        decide({ storedProvider: set('platform', 'customer'), effectiveModel: set('openai/gpt-5') }),
      ).toMatchObject({ action: 'none' });
      expect(decide({ storedProvider: set('platform'), effectiveModel: set('openai/gpt-5') })).toMatchObject({
        action: 'none',
      });
      expect(decide({ storedProvider: set('platform', 'platform'), effectiveModel: set('nonsense') })).toMatchObject({
        action: 'none',
      });
    },
  );
});

describe('the model of a provision', () => {
  const NEW = 'minimax/MiniMax-M2.5';
  const reconcile = (stored: StoredSetting, platformDefault: string | null = NEW) =>
    reconcileModel(stored, platformDefault, BUILTIN_REGISTRY);

  test(verifies('B14', 'is seeded when missing, but only with a model that the platform serves'), () => {
    expect(reconcile(unset)).toEqual({ action: 'seed', model: NEW });
    expect(reconcile(unset, 'nobody/nothing')).toEqual({ action: 'none', reason: 'no_default', log: false });
    expect(reconcile(unset, null)).toMatchObject({ action: 'none' });
    expect(reconcile(unreadable)).toEqual({ action: 'none', reason: 'model_unreadable', log: true });
  });

  test(verifies('B19', 'replaces an old platform default, never a choice of the customer'), () => {
    expect(reconcile(set('moonshot/kimi-k2.6', 'platform'))).toEqual({ action: 'replace', model: NEW });
    expect(reconcile(set('moonshot/kimi-k2.6', 'customer'))).toEqual({ action: 'keep', model: 'moonshot/kimi-k2.6' });
    expect(reconcile(set('moonshot/kimi-k2.6'))).toEqual({ action: 'keep', model: 'moonshot/kimi-k2.6' });
    expect(reconcile(set('openai/gpt-5', 'platform'))).toEqual({ action: 'keep', model: 'openai/gpt-5' });
    expect(reconcile(set(NEW, 'platform'))).toEqual({ action: 'keep', model: NEW });
  });

  test(verifies('B19', 'stands in both variables alike'), () => {
    expect(modelEnvironment('moonshot/kimi-k2.6')).toEqual({
      MODEL: 'moonshot/kimi-k2.6',
      MOLECULE_MODEL: 'moonshot/kimi-k2.6',
    });
  });

  test(verifies('B17', 'is platform-managed only by exact entry'), () => {
    expect(isPlatformManaged('moonshot/kimi-k2.6', BUILTIN_REGISTRY)).toBe(true);
    expect(isPlatformManaged('moonshot/kimi-k2.60', BUILTIN_REGISTRY)).toBe(false);
    expect(isPlatformManaged('', BUILTIN_REGISTRY)).toBe(false);
  });
});
