import { describe, expect, test } from 'vitest';
import {
  BUILTIN_REGISTRY,
  callCostMicroUsd,
  findEnvironmentCredentials,
  mergeRegistry,
  nearestIds,
  platformModelIds,
  registrySchema,
  resolveProvider,
  upstreamUrl,
} from '../../src/index.ts';

describe('the built-in registry', () => {
  test('is valid and has every provider that is promised', () => {
    expect(registrySchema.safeParse(BUILTIN_REGISTRY).success).toBe(true);
    const ids = BUILTIN_REGISTRY.providers.map((provider) => provider.id);
    for (const id of [
      'platform',
      'demo',
      'anthropic',
      'openai',
      'google',
      'moonshot',
      'minimax',
      'openrouter',
      'ollama',
      'openai-compatible',
      'anthropic-compatible',
    ])
      expect(ids).toContain(id);
  });

  test('every listed model and every default resolves to itself, and every platform model under the pin', () => {
    for (const provider of BUILTIN_REGISTRY.providers) {
      for (const model of provider.models) {
        expect(
          resolveProvider({
            pin: null,
            configProvider: null,
            model: `${provider.id}/${model.id}`,
            registry: BUILTIN_REGISTRY,
          }),
        ).toMatchObject({ kind: 'resolved', providerId: provider.id, modelId: model.id, listed: true });
      }
      if (provider.defaultModel !== undefined)
        expect(provider.models.map((model) => model.id)).toContain(provider.defaultModel);
    }
    for (const id of platformModelIds(BUILTIN_REGISTRY)) {
      expect(
        resolveProvider({ pin: 'platform', configProvider: null, model: id, registry: BUILTIN_REGISTRY }),
      ).toMatchObject({ kind: 'resolved', providerId: 'platform', modelId: id });
    }
  });
});

describe('extending the registry', () => {
  test('adds a provider, changes one field of a known one, and leaves the base alone', () => {
    const before = structuredClone(BUILTIN_REGISTRY);
    const merged = mergeRegistry(BUILTIN_REGISTRY, {
      version: 'mine',
      providers: [
        {
          id: 'house',
          name: 'House',
          kind: 'vendor',
          endpoints: { 'openai-chat': { baseUrl: 'https://llm.example/v1/', auth: 'bearer' } },
          models: [{ id: 'big', price: { input: 1, output: 2 } }],
        },
        {
          id: 'anthropic',
          defaultModel: 'claude-opus-5',
          models: [{ id: 'claude-opus-5', price: { input: 5, output: 25 } }],
        },
      ],
    });
    expect(merged).toMatchObject({ ok: true });
    const registry = merged.ok ? merged.registry : BUILTIN_REGISTRY;
    expect(registry.providers.find((provider) => provider.id === 'house')?.endpoints['openai-chat']?.baseUrl).toBe(
      'https://llm.example/v1',
    );
    const anthropic = registry.providers.find((provider) => provider.id === 'anthropic');
    expect(anthropic?.models.find((model) => model.id === 'claude-opus-5')).toMatchObject({
      contextTokens: 1_000_000,
      platformManaged: true,
      price: { input: 5 },
    });
    expect(anthropic?.models.length).toBe(
      before.providers.find((provider) => provider.id === 'anthropic')?.models.length,
    );
    expect(anthropic?.families).toEqual(['claude-*']);
    expect(BUILTIN_REGISTRY).toEqual(before);
  });

  test.each([
    ['no object', 'x'],
    ['an unknown field', { providers: [{ id: 'a', name: 'A', kind: 'vendor', secret: 'x' }] }],
    ['a new provider without a kind', { providers: [{ id: 'a' }] }],
    [
      'an address that is no http',
      {
        providers: [{ id: 'openai', endpoints: { 'openai-chat': { baseUrl: 'file:///etc/passwd', auth: 'bearer' } } }],
      },
    ],
    ['a second platform', { providers: [{ id: 'p2', name: 'P', kind: 'platform' }] }],
    ['a name in use', { providers: [{ id: 'other', name: 'O', kind: 'vendor', aliases: ['openai'] }] }],
    ['a negative price', { providers: [{ id: 'openai', models: [{ id: 'gpt-5', price: { input: -1, output: 0 } }] }] }],
    ['an unknown protocol', { providers: [{ id: 'openai', endpoints: { gopher: { baseUrl: null, auth: 'none' } } }] }],
  ])('refuses %s and says where', (_, overlay) => {
    const merged = mergeRegistry(BUILTIN_REGISTRY, overlay);
    expect(merged.ok).toBe(false);
    expect(merged.ok ? [] : merged.problems).not.toHaveLength(0);
  });
});

describe('beside the registry', () => {
  test('suggestions are near, few and best first', () => {
    expect(nearestIds('antropic', ['openai', 'anthropic', 'google'])).toEqual(['anthropic']);
    expect(nearestIds('kimi', ['moonshot/kimi-k2.6', 'gpt-5'])).toEqual(['moonshot/kimi-k2.6']);
    expect(nearestIds('zzzz', ['openai', 'anthropic'])).toEqual([]);
    expect(nearestIds('', ['openai'])).toEqual([]);
  });

  test('keys in the environment are found by name, never by value', () => {
    const found = findEnvironmentCredentials(
      {
        ANTHROPIC_API_KEY: 'sk-x',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/',
        OPENAI_API_KEY: ' ',
        GEMINI_API_KEY: 'g',
      },
      BUILTIN_REGISTRY,
    );
    expect(found).toEqual([
      { providerId: 'anthropic', keyVariable: 'ANTHROPIC_API_KEY', baseUrl: 'http://127.0.0.1:1' },
      { providerId: 'google', keyVariable: 'GEMINI_API_KEY', baseUrl: null },
    ]);
    expect(JSON.stringify(found)).not.toContain('sk-x');
  });

  test('a call costs tokens times price, cached input at its own price', () => {
    const usage = {
      inputTokens: 1_000_000,
      outputTokens: 100_000,
      cacheReadTokens: 400_000,
      cacheWriteTokens: 100_000,
      reasoningTokens: 50_000,
    };
    expect(callCostMicroUsd(usage, { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 })).toBe(
      1_500_000 + 120_000 + 375_000 + 1_500_000,
    );
    expect(
      callCostMicroUsd(
        { ...usage, inputTokens: 1, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
        { input: 0.1, output: 1 },
      ),
    ).toBe(1);
  });

  test("addresses are joined as each vendor's own variable expects", () => {
    const target = { model: 'gemini-2.5-pro', stream: true };
    expect(upstreamUrl('https://api.anthropic.com/', 'anthropic', 'generate', target)).toBe(
      'https://api.anthropic.com/v1/messages',
    );
    expect(upstreamUrl('https://api.openai.com/v1', 'openai-responses', 'generate', target)).toBe(
      'https://api.openai.com/v1/responses',
    );
    expect(upstreamUrl('https://api.openai.com/v1', 'openai-chat', 'generate', target)).toBe(
      'https://api.openai.com/v1/chat/completions',
    );
    expect(upstreamUrl('https://g.example', 'google', 'generate', target)).toBe(
      'https://g.example/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    );
  });
});
