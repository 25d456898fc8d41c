import { describe, expect, test } from 'vitest';
import { codecOf, createScriptedModel, PROTOCOL_IDS, type ProtocolId, type Script } from '../../src/index.ts';
import { readStreamedAnswer } from '../answer-contents.ts';
import { collectingSink } from '../collecting-sink.ts';
import { type BodyOptions, REQUESTS } from '../conversation-bodies.ts';

function start(script: Script, sleep?: (ms: number, signal: AbortSignal) => Promise<void>) {
  const model = createScriptedModel({ script, ...(sleep === undefined ? {} : { sleep }) });
  const send = async (protocol: ProtocolId, options: BodyOptions, sink = collectingSink(), headers = {}) => {
    const { path, body } = REQUESTS[protocol](options);
    await model.handle({ method: 'POST', path, headers, body: JSON.stringify(body) }, sink);
    return sink;
  };
  return { model, send };
}

/** How each protocol says that an answer was blocked. */
const BLOCKED: Readonly<Record<ProtocolId, string>> = {
  anthropic: '"stop_reason":"refusal"',
  'openai-chat': '"finish_reason":"content_filter"',
  'openai-responses': '"incomplete_details":{"reason":"content_filter"}',
  google: '"finishReason":"SAFETY"',
};

describe.each(PROTOCOL_IDS)('a script over %s', (protocol) => {
  test('steps by the number of results, parallel calls and text in one answer', async () => {
    const { send, model } = start([
      { text: ['Let me ', 'look.'], calls: [{ tool: 'find', args: { q: 1 } }, { tool: 'list' }] },
      { text: 'done' },
    ]);
    const tools = ['mcp__x__find', 'mcp__x__list'];
    const first = readStreamedAnswer(protocol, (await send(protocol, { prompt: 'go', tools })).chunks.join(''));
    expect(first.text).toBe('Let me look.');
    expect(first.calls.map((call) => [call.name.replace(/^.*\//, ''), call.args])).toEqual([
      ['mcp__x__find', { q: 1 }],
      ['mcp__x__list', {}],
    ]);
    const done = tools.map((tool) => ({ tool, args: {}, result: 'r' }));
    expect(
      readStreamedAnswer(protocol, (await send(protocol, { prompt: 'go', tools, done })).chunks.join('')),
    ).toMatchObject({ text: 'done', calls: [] });
    expect(model.records.map((record) => record.results)).toEqual([0, 2]);
  });

  test('a whole answer says the same as a streamed one', async () => {
    const { send, model } = start([
      { text: ['a', 'b'], usage: { inputTokens: 100, outputTokens: 7, cacheReadTokens: 40 } },
    ]);
    const sink = await send(protocol, { prompt: 'go', stream: false });
    expect(sink.headers['content-type']).toBe('application/json');
    expect(sink.chunks.join('')).toContain('"ab"');
    const meter = codecOf(protocol).createMeter('application/json');
    meter.push(new TextEncoder().encode(sink.chunks.join('')));
    expect(meter.end()).toMatchObject({ inputTokens: 100, outputTokens: 7, cacheReadTokens: 40, complete: true });
    expect(model.totals()).toMatchObject({ inputTokens: 100, outputTokens: 7, cacheReadTokens: 40 });
  });

  test('a refused answer ends as one whose content was blocked, streamed and whole', async () => {
    const { send } = start([{ isRefused: true }]);
    for (const stream of [true, false]) {
      const sink = await send(protocol, { prompt: 'go', stream });
      const body = sink.chunks.join('');
      const meter = codecOf(protocol).createMeter(sink.headers['content-type'] ?? '');
      meter.push(new TextEncoder().encode(body));
      expect([meter.end().complete, body]).toEqual([true, expect.stringContaining(BLOCKED[protocol])]);
      expect(body).not.toContain('"ok"');
    }
  });

  test('fails so often, then succeeds; errors serve no tokens', async () => {
    const { send, model } = start([{ text: 'ok', fail: { kind: 'overload', times: 2, retryAfterSeconds: 1 } }]);
    const seen: number[] = [];
    for (let round = 0; round < 3; round += 1) seen.push((await send(protocol, { prompt: 'go' })).status);
    expect(seen[0]).toBeGreaterThanOrEqual(503);
    expect(seen[2]).toBe(200);
    expect((await send(protocol, { prompt: 'another conversation' })).headers['retry-after']).toBe('1');
    expect(model.records.map((record) => record.outcome)).toEqual(['error', 'error', 'complete', 'error']);
    expect(model.totals()).toEqual(model.records[2]?.served);
  });

  test('a cut leaves a stream without an end and counts what was generated before it', async () => {
    const { send, model } = start([{ text: ['12345678', 'never sent'], cutAfterDeltas: 1 }]);
    const sink = await send(protocol, { prompt: 'go' });
    expect(sink).toMatchObject({ cut: true, ended: false });
    expect(sink.chunks.join('')).not.toContain('never sent');
    expect(model.records[0]).toMatchObject({ outcome: 'cut', served: { outputTokens: 2 } });
  });

  test('hangs until the reader leaves', async () => {
    const { send, model } = start([{ text: ['1234', '5678'], hangAfterDeltas: 1 }]);
    const sink = collectingSink();
    const answered = send(protocol, { prompt: 'go' }, sink);
    await expect.poll(() => sink.chunks.join('')).toContain('1234');
    sink.leave();
    await answered;
    expect(model.records[0]).toMatchObject({ outcome: 'cut', served: { outputTokens: 1 } });
  });
});

describe('script mode', () => {
  test('delays use the injected clock', async () => {
    const slept: number[] = [];
    const { send } = start(
      [{ text: ['a', 'b', 'c'], delayMs: 500, deltaDelayMs: 20 }],
      async (ms) => void slept.push(ms),
    );
    await send('anthropic', { prompt: 'go' });
    expect(slept).toEqual([500, 20, 20, 20]);
  });

  test('a function chooses by the request, and leaves the rest to the assistant', async () => {
    const { send } = start((request) => (request.prompt.includes('magic') ? { text: 'abracadabra' } : undefined));
    expect((await send('openai-chat', { prompt: 'magic word' })).chunks.join('')).toContain('abracadabra');
    expect((await send('openai-chat', { prompt: 'else' })).chunks.join('')).toContain('demo');
  });

  test('a tool that is not offered is said, not called', async () => {
    const { send } = start([{ calls: [{ tool: 'nothing_such' }] }]);
    expect(
      readStreamedAnswer('anthropic', (await send('anthropic', { prompt: 'go', tools: ['other'] })).chunks.join('')),
    ).toMatchObject({ calls: [], text: 'The scripted tool nothing_such was not offered.' });
  });

  test('the record shows tools, marks and the kind of key, never the key', async () => {
    const { send, model } = start([{ text: 'ok' }]);
    await send(
      'anthropic',
      { prompt: 'go MARK_PROMPT', system: 'MARK_SYSTEM MARK_PROMPT', tools: ['t'] },
      collectingSink(),
      { 'x-api-key': 'sk-secret', 'user-agent': 'cli/1' },
    );
    expect(model.records[0]).toMatchObject({
      offeredTools: ['t'],
      marks: ['MARK_SYSTEM', 'MARK_PROMPT'],
      auth: 'x-api-key',
      userAgent: 'cli/1',
      model: 'scripted',
      stream: true,
    });
    expect(JSON.stringify(model.records)).not.toContain('sk-secret');
  });

  test('bad bodies, other paths, probes, model lists and token counts are answered', async () => {
    const model = createScriptedModel();
    const call = async (method: string, path: string, body = '') => {
      const sink = collectingSink();
      await model.handle({ method, path, headers: {}, body }, sink);
      return { status: sink.status, body: sink.chunks.join('') };
    };
    expect(await call('POST', '/v1/messages', '{bad')).toMatchObject({ status: 400 });
    expect((await call('GET', '/v1/nothing')).status).toBe(404);
    expect((await call('HEAD', '/')).status).toBe(200);
    expect(JSON.parse((await call('GET', '/v1/models')).body)).toMatchObject({ data: [{ id: 'scripted' }] });
    const { body } = REQUESTS.anthropic({ prompt: 'go' });
    const count = await call('POST', '/v1/messages/count_tokens', JSON.stringify(body));
    await call('POST', '/v1/messages', JSON.stringify(body));
    expect(JSON.parse(count.body)).toEqual({ input_tokens: model.records[1]?.served.inputTokens });
  });

  test('side requests are answered in their form', async () => {
    const { path } = REQUESTS.google({ prompt: '', stream: false });
    const sink = collectingSink();
    const schema = {
      type: 'OBJECT',
      properties: { model: { type: 'STRING', enum: ['flash', 'pro'] }, sure: { type: 'BOOLEAN' } },
    };
    await createScriptedModel().handle(
      {
        method: 'POST',
        path,
        headers: {},
        body: JSON.stringify({
          contents: [{ role: 'user', parts: [{ text: 'which?' }] }],
          generationConfig: { responseJsonSchema: schema },
        }),
      },
      sink,
    );
    expect(sink.chunks.join('')).toContain(JSON.stringify(JSON.stringify({ model: 'flash', sure: false })));
  });
});
