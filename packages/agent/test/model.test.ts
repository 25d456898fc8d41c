import { describe, expect, test } from 'vitest';
import { failureOf } from '../src/model/failure-of.ts';
import { resolveModel } from '../src/model/model-access.ts';

describe('model access', () => {
  test('the gateway wins over a provider key', () => {
    const env = {
      MOLECULE_AGENT_MODEL: 'm',
      MOLECULE_LLM_ANTHROPIC_URL: 'http://cp/llm/anthropic/',
      MOLECULE_API_KEY: 'box',
      ANTHROPIC_API_KEY: 'own',
    };
    expect(resolveModel(env)).toEqual({
      protocol: 'anthropic',
      baseUrl: 'http://cp/llm/anthropic',
      modelId: 'm',
      credential: { kind: 'bearer', value: 'box' },
    });
  });

  test('without a gateway the key that is there decides', () => {
    expect(resolveModel({ MOLECULE_AGENT_MODEL: 'm', ANTHROPIC_API_KEY: 'k' })).toMatchObject({
      protocol: 'anthropic',
      baseUrl: null,
      credential: { kind: 'apiKey' },
    });
    expect(resolveModel({ MOLECULE_AGENT_MODEL: 'm', OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://o' })).toMatchObject(
      { protocol: 'openai', baseUrl: 'http://o' },
    );
  });

  test.each([
    [{}, 'MOLECULE_AGENT_MODEL'],
    [{ MOLECULE_AGENT_MODEL: 'm' }, 'No model access'],
    [{ MOLECULE_AGENT_MODEL: 'm', MOLECULE_LLM_ANTHROPIC_URL: 'http://x' }, 'MOLECULE_API_KEY'],
  ])('with %j it says what is missing', (env, text) => {
    expect(resolveModel(env)).toContain(text);
  });
});

describe('failures', () => {
  const api = (statusCode: number, message: string, responseBody = '') =>
    Object.assign(new Error(message), { statusCode, responseBody });
  test.each([
    [api(401, 'nope'), 'auth'],
    [api(403, 'forbidden'), 'auth'],
    [api(402, 'pay'), 'quota'],
    [api(429, 'slow down'), 'rate_limit'],
    [api(429, 'You exceeded your current quota'), 'quota'],
    [api(529, 'Overloaded'), 'model'],
    [api(500, 'oops'), 'model'],
    [api(413, 'big'), 'context'],
    [api(400, 'prompt is too long: 3 > 2'), 'context'],
    [api(400, 'bad', '{"error":{"code":"context_length_exceeded"}}'), 'context'],
    [api(504, 'gateway'), 'timeout'],
    [Object.assign(new Error('failed after 3 attempts'), { lastError: api(429, 'slow') }), 'rate_limit'],
    [Object.assign(new Error('fetch failed'), { cause: new Error('ECONNREFUSED') }), 'model'],
    ['text', 'model'],
    [null, 'model'],
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'model'],
  ])('%s is %s', (error, code) => {
    expect(failureOf(error).code).toBe(code);
  });
});
