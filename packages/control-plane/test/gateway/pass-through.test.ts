import { PROTOCOL_IDS } from '@molecule/models';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { MODEL_FOR, requestOf, send, startGateway, usageTotal } from './gateway-house.ts';
import { KEY } from './upstreams-of.ts';

const SCRIPT = [{ text: ['one ', 'two ', 'three'] }] as const;

test(
  verifies(
    ['I5-protocols', 'I5-key', 'I5-meter'],
    'each protocol passes through, whole and streamed, with the key put in here and every token counted',
  ),
  async () => {
    const house = await startGateway({ script: SCRIPT });
    for (const protocol of PROTOCOL_IDS) {
      const box = await house.box(protocol, MODEL_FOR[protocol]);
      for (const stream of [false, true]) {
        const answer = await send(house.url, box.token, requestOf(protocol, 'hello', stream));
        const text = await answer.text();
        expect(answer.status, text).toBe(200);
        expect(text).toContain('three');
        if (stream) expect(answer.headers.get('content-type')).toContain('text/event-stream');
        expect(text).not.toContain(KEY);
      }
      const served = house.upstream.model.records.slice(-2);
      expect(served.map((record) => record.auth)).not.toContain(null);
      expect(await usageTotal(house, box.workspaceId)).toMatchObject({
        requests: 2,
        estimatedRequests: 0,
        failedRequests: 0,
        inputTokens: served.reduce((sum, each) => sum + each.served.inputTokens, 0),
        outputTokens: served.reduce((sum, each) => sum + each.served.outputTokens, 0),
      });
    }
  },
);

test(verifies(['I5-key', 'I5-bad-ssrf'], 'the box token and unknown headers never reach the provider'), async () => {
  const house = await startGateway({ script: SCRIPT });
  const box = await house.box('headers');
  const line = requestOf('anthropic', 'hi', false);
  const answer = await send(house.url, box.token, {
    ...line,
    headers: {
      ...line.headers,
      'x-forwarded-host': 'evil.example',
      cookie: 'a=b',
      'x-api-key': 'from-the-box',
      'anthropic-beta': 'one',
    },
  });
  await answer.text();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(house.upstream.model.records.at(-1)).toMatchObject({ auth: 'x-api-key' });
});

test(
  verifies(
    'I5-unresolvable',
    "another model of the same provider may be asked for, one of another provider is refused in the protocol's shape",
  ),
  async () => {
    const house = await startGateway({ script: SCRIPT });
    const box = await house.box('models');
    const other = await send(house.url, box.token, requestOf('anthropic', 'hi', false, 'claude-haiku-4-5'));
    expect(other.status).toBe(200);
    await other.text();
    expect(house.upstream.model.records.at(-1)?.model).toBe('claude-haiku-4-5');
    const refused = await send(house.url, box.token, requestOf('anthropic', 'hi', false, 'gpt-5.1'));
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(refused.headers.get('x-should-retry')).toBe('false');
  },
);

test(
  verifies(['I5-protocols'], 'counts are passed on, lists and probes answered, unknown paths refused in shape'),
  async () => {
    const house = await startGateway({ script: SCRIPT });
    const box = await house.box('others');
    const headers = {
      authorization: `Bearer ${box.token}`,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    };
    const counted = await fetch(`${house.url}/llm/anthropic/v1/messages/count_tokens`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'hello there' }] }),
    });
    expect(await counted.json()).toMatchObject({ input_tokens: expect.any(Number) });
    const list = await fetch(`${house.url}/llm/anthropic/v1/models`, { headers });
    expect(((await list.json()) as { data: { id: string }[] }).data[0]?.id).toBe('claude-sonnet-4-5');
    expect((await fetch(`${house.url}/llm/anthropic`, { method: 'HEAD', headers })).status).toBe(200);
    const unknown = await fetch(`${house.url}/llm/anthropic/v1/files`, { method: 'POST', headers, body: '{}' });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: 'error' });
    expect(await usageTotal(house, box.workspaceId)).toMatchObject({ requests: 0 });
  },
);

test(verifies(['I5-meter'], 'the demo model is metered like any other, at no cost'), async () => {
  const house = await startGateway();
  const box = await house.box('demo', 'demo/scripted');
  const answer = await send(house.url, box.token, requestOf('openai-responses', 'hello', true, 'scripted'));
  expect(await answer.text()).toContain('response.completed');
  expect(await usageTotal(house, box.workspaceId)).toMatchObject({
    requests: 1,
    costUsd: 0,
    inputTokens: expect.any(Number),
  });
});
