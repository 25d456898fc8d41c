import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import {
  BUILTIN_REGISTRY,
  mergeRegistry,
  modelInvalidError,
  type Registry,
  type ResolveInput,
  resolveProvider,
} from '../../src/index.ts';

const base: ResolveInput = { pin: null, configProvider: null, model: null, registry: BUILTIN_REGISTRY };

function without(id: string): Registry {
  const merged = mergeRegistry(BUILTIN_REGISTRY, { providers: [{ id, removed: true }] });
  if (!merged.ok) throw new Error(merged.problems.join());
  return merged.registry;
}

describe('order of resolution', () => {
  test.each([
    [
      'pin over config and prefix',
      { pin: 'platform', configProvider: 'anthropic', model: 'moonshot/kimi-k2.6' },
      'platform',
      'moonshot/kimi-k2.6',
      'pin',
    ],
    [
      'config over prefix',
      { configProvider: 'openrouter', model: 'anthropic/claude-sonnet-5' },
      'openrouter',
      'anthropic/claude-sonnet-5',
      'config',
    ],
    ['prefix', { model: 'anthropic/claude-sonnet-5' }, 'anthropic', 'claude-sonnet-5', 'derived'],
    ['prefix with a colon', { model: 'moonshot:kimi-k2.6' }, 'moonshot', 'kimi-k2.6', 'derived'],
    ['the only provider that lists a bare id', { model: 'claude-sonnet-5' }, 'anthropic', 'claude-sonnet-5', 'derived'],
    ['an alias of a model', { model: 'sonnet' }, 'anthropic', 'claude-sonnet-5-5', 'derived'],
    ['an alias of a provider', { model: 'gemini/gemini-2.5-pro' }, 'google', 'gemini-2.5-pro', 'derived'],
    ['an empty pin is no pin', { pin: ' ', model: 'gpt-5' }, 'openai', 'gpt-5', 'derived'],
    [
      'the platform named in the model',
      { model: 'platform/moonshot/kimi-k2.6' },
      'platform',
      'moonshot/kimi-k2.6',
      'derived',
    ],
    [
      "the platform with the model's own id",
      { pin: 'platform', model: 'kimi-k2.6' },
      'platform',
      'moonshot/kimi-k2.6',
      'pin',
    ],
    ["a router's ids", { model: 'openrouter/meta-llama/llama-4' }, 'openrouter', 'meta-llama/llama-4', 'derived'],
    ['a tag is part of the id', { model: 'ollama/llama3:8b' }, 'ollama', 'llama3:8b', 'derived'],
    [
      'a provider repeated under its own pin',
      { pin: 'anthropic', model: 'anthropic/claude-opus-5' },
      'anthropic',
      'claude-opus-5',
      'pin',
    ],
    ['the demo model', { model: 'demo/scripted' }, 'demo', 'scripted', 'derived'],
    ['a context variant', { model: 'sonnet[1m]' }, 'anthropic', 'claude-sonnet-5-5[1m]', 'derived'],
  ] as const)(verifies('B7', '%s'), (_, input, providerId, modelId, source) => {
    expect(resolveProvider({ ...base, ...input })).toMatchObject({ kind: 'resolved', providerId, modelId, source });
  });

  test(verifies('B20', 'a platform model names the vendor that serves it'), () => {
    expect(resolveProvider({ ...base, pin: 'platform', model: 'moonshot/kimi-k2.6' })).toMatchObject({
      upstream: { providerId: 'moonshot', modelId: 'kimi-k2.6' },
      listed: true,
    });
    expect(resolveProvider({ ...base, model: 'moonshot/kimi-k2.6' })).toMatchObject({
      upstream: { providerId: 'moonshot', modelId: 'kimi-k2.6' },
      providerId: 'moonshot',
    });
  });
});

describe('not configured, never another provider', () => {
  test(verifies(['B8', 'T5'], 'a prefix that is not registered'), () => {
    const result = resolveProvider({ ...base, model: 'moonshot/kimi-k2.6', registry: without('moonshot') });
    expect(result).toMatchObject({ kind: 'not_configured', reason: 'provider_unknown' });
  });

  test(verifies(['B8', 'T5'], 'a vendor without a credential, although the platform serves the same model'), () => {
    const result = resolveProvider({
      ...base,
      model: 'moonshot/kimi-k2.6',
      credentials: new Set(['platform', 'anthropic']),
    });
    expect(result).toMatchObject({ kind: 'not_configured', reason: 'credential_missing' });
    expect(result.kind === 'not_configured' && result.message).toContain('set the provider to platform');
  });

  test.each([
    ['no model', {}, 'model_missing', undefined],
    ['white space', { model: '  ' }, 'model_missing', undefined],
    ['a mistyped provider', { model: 'antropic/claude-sonnet-5' }, 'provider_unknown', 'anthropic/claude-sonnet-5'],
    ['a mistyped pin', { pin: 'platfrom', model: 'moonshot/kimi-k2.6' }, 'provider_unknown', 'platform'],
    ['a mistyped model', { model: 'anthropic/claude-sonet-5' }, 'model_unknown', 'anthropic/claude-sonnet-5'],
    ['a mistyped bare model', { model: 'claude-opuss-5' }, 'model_unknown', 'anthropic/claude-opus-5'],
    [
      'a model the platform does not serve',
      { pin: 'platform', model: 'moonshot/kimi-k9' },
      'model_unknown',
      'moonshot/kimi-k2.5',
    ],
    ["another provider's model under a pin", { pin: 'platform', model: 'openai/gpt-5' }, 'model_unknown', undefined],
    [
      "another provider's model under a vendor pin",
      { pin: 'anthropic', model: 'openai/gpt-5' },
      'model_unknown',
      undefined,
    ],
    ['nonsense', { model: 'xyzzy' }, 'model_unknown', undefined],
    ['only a separator', { model: '/' }, 'provider_unknown', undefined],
  ] as const)(verifies('B8', '%s'), (_, input, reason, nearest) => {
    const result = resolveProvider({ ...base, ...input });
    expect(result).toMatchObject({ kind: 'not_configured', reason });
    if (nearest !== undefined) expect(result.kind === 'not_configured' && result.nearest).toContain(nearest);
  });

  test(verifies('B17', 'an id that two providers list is ambiguous'), () => {
    const merged = mergeRegistry(BUILTIN_REGISTRY, {
      providers: [
        {
          id: 'mirror',
          name: 'Mirror',
          kind: 'vendor',
          endpoints: { 'openai-chat': { baseUrl: 'https://mirror.example/v1', auth: 'bearer' } },
          models: [{ id: 'gpt-5' }],
        },
      ],
    });
    const registry = merged.ok ? merged.registry : BUILTIN_REGISTRY;
    expect(resolveProvider({ ...base, registry, model: 'gpt-5' })).toMatchObject({
      kind: 'not_configured',
      reason: 'model_ambiguous',
      nearest: ['openai/gpt-5', 'mirror/gpt-5'],
    });
    expect(resolveProvider({ ...base, registry, model: 'mirror/gpt-5' })).toMatchObject({
      kind: 'resolved',
      providerId: 'mirror',
    });
  });

  test(verifies('B8', 'a credential, an address or a protocol that is missing'), () => {
    const none = new Set<string>();
    expect(resolveProvider({ ...base, model: 'anthropic/claude-opus-5', credentials: none })).toMatchObject({
      reason: 'credential_missing',
    });
    expect(resolveProvider({ ...base, model: 'ollama/llama3', credentials: none })).toMatchObject({ kind: 'resolved' });
    expect(resolveProvider({ ...base, model: 'demo/scripted', credentials: none, baseAddresses: none })).toMatchObject({
      kind: 'resolved',
    });
    expect(resolveProvider({ ...base, model: 'openai-compatible/x', baseAddresses: none })).toMatchObject({
      reason: 'base_address_missing',
    });
    expect(
      resolveProvider({ ...base, model: 'openai-compatible/x', baseAddresses: new Set(['openai-compatible']) }),
    ).toMatchObject({ kind: 'resolved' });
    expect(resolveProvider({ ...base, model: 'openai/gpt-5', protocols: ['anthropic'] })).toMatchObject({
      reason: 'protocol_unsupported',
    });
  });

  test('a new model of a known family is accepted, but marked as not listed', () => {
    expect(resolveProvider({ ...base, model: 'anthropic/claude-sonnet-9-9' })).toMatchObject({
      kind: 'resolved',
      listed: false,
    });
    expect(resolveProvider({ ...base, model: 'claude-verse-7' })).toMatchObject({
      kind: 'resolved',
      providerId: 'anthropic',
      listed: false,
    });
  });

  test(verifies('B8', 'setting such a model is refused with the reason and the nearest ids'), () => {
    const result = resolveProvider({ ...base, model: 'anthropic/claude-sonet-5' });
    if (result.kind !== 'not_configured') throw new Error('expected a refusal');
    const error = modelInvalidError('anthropic/claude-sonet-5', result);
    expect(error.code).toBe('model_invalid');
    expect(`${error.message} ${error.hint}`).toContain('anthropic/claude-sonnet-5');
  });
});
