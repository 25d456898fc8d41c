import { describe, expect, test } from 'vitest';
import { codecOf, type ProtocolId, settleUsage } from '../../src/index.ts';

/** Answers in the providers' documented shapes, including dialects that our own encoders do not produce. */
function read(protocol: ProtocolId, contentType: string, wire: string) {
  const meter = codecOf(protocol).createMeter(contentType);
  meter.push(new TextEncoder().encode(wire));
  return meter.end();
}
const sse = (...events: (object | string)[]) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const STREAM = 'text/event-stream';

describe('anthropic', () => {
  test('cached input stands beside the input and is added; pings and comments are skipped', () => {
    const wire =
      ': keep-alive\n\nevent: ping\ndata: {"type":"ping"}\n\n' +
      sse(
        {
          type: 'message_start',
          message: {
            id: 'm',
            model: 'claude-x',
            usage: {
              input_tokens: 10,
              cache_creation_input_tokens: 200,
              cache_read_input_tokens: 3000,
              cache_creation: { ephemeral_5m_input_tokens: 200 },
              output_tokens: 1,
              service_tier: 'standard',
            },
          },
        },
        { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'abcd' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'efgh' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 42 } },
        { type: 'message_stop' },
      );
    expect(read('anthropic', STREAM, wire)).toMatchObject({
      inputTokens: 3210,
      outputTokens: 42,
      cacheReadTokens: 3000,
      cacheWriteTokens: 200,
      stopReason: 'end_turn',
      model: 'claude-x',
      complete: true,
      outputCharacters: 8,
    });
  });

  test('a compatible server that reports the input only at the end', () => {
    const wire = sse(
      { type: 'message_start', message: { usage: { input_tokens: 0, output_tokens: 0 } } },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { input_tokens: 55, output_tokens: 5 } },
      { type: 'message_stop' },
    );
    expect(read('anthropic', STREAM, wire)).toMatchObject({ inputTokens: 55, outputTokens: 5, complete: true });
  });

  test('an error body costs nothing', () => {
    const reading = read(
      'anthropic',
      'application/json',
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    );
    expect(reading).toMatchObject({ error: 'overloaded_error', complete: true });
    expect(settleUsage(reading, 1000)).toEqual({
      source: 'reported',
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
    });
  });
});

describe('openai', () => {
  test('chat: the last chunk without choices has the usage', () => {
    const wire = sse(
      { choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }], usage: null },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null },
      {
        choices: [],
        usage: {
          prompt_tokens: 20,
          completion_tokens: 30,
          total_tokens: 50,
          prompt_tokens_details: { cached_tokens: 8 },
          completion_tokens_details: { reasoning_tokens: 12 },
        },
      },
      '[DONE]',
    );
    expect(read('openai-chat', STREAM, wire)).toMatchObject({
      inputTokens: 20,
      outputTokens: 30,
      cacheReadTokens: 8,
      reasoningTokens: 12,
      stopReason: 'stop',
      complete: true,
    });
  });

  test('chat: a stream nobody asked for usage is complete but has to be estimated', () => {
    const reading = read(
      'openai-chat',
      STREAM,
      sse({ choices: [{ delta: { content: '12345678' }, finish_reason: 'stop' }] }, '[DONE]'),
    );
    expect(reading).toMatchObject({ complete: true, outputTokens: null });
    expect(settleUsage(reading, 40)).toMatchObject({
      source: 'estimated',
      usage: { inputTokens: 40, outputTokens: 2 },
    });
  });

  test('chat: usage inside the choice, no end mark', () => {
    const wire = sse(
      { choices: [{ delta: { reasoning_content: 'abc' } }] },
      {
        choices: [
          { delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 7, completion_tokens: 3, cached_tokens: 2 } },
        ],
      },
    );
    expect(read('openai-chat', STREAM, wire)).toMatchObject({
      inputTokens: 7,
      outputTokens: 3,
      cacheReadTokens: 2,
      complete: true,
    });
  });

  test('responses: only the final event counts, its repeated output is not counted again', () => {
    const response = {
      id: 'r',
      status: 'completed',
      model: 'gpt-x',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'abcdefgh' }] }],
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 64 },
        output_tokens: 50,
        output_tokens_details: { reasoning_tokens: 40 },
        total_tokens: 150,
      },
    };
    const wire = sse(
      { type: 'response.created', response: { status: 'in_progress', usage: null } },
      { type: 'response.output_text.delta', delta: 'abcdefgh' },
      { type: 'response.output_text.done', text: 'abcdefgh' },
      { type: 'response.completed', response },
    );
    expect(read('openai-responses', STREAM, wire)).toMatchObject({
      inputTokens: 100,
      outputTokens: 50,
      cacheReadTokens: 64,
      reasoningTokens: 40,
      outputCharacters: 8,
      stopReason: 'completed',
      complete: true,
    });
    expect(read('openai-responses', 'application/json', JSON.stringify(response))).toMatchObject({
      inputTokens: 100,
      outputTokens: 50,
      outputCharacters: 8,
      complete: true,
    });
  });

  test('responses: a failed answer names its error', () => {
    const wire = sse({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: 'x' }, usage: null },
    });
    expect(read('openai-responses', STREAM, wire)).toMatchObject({
      error: 'server_error',
      complete: true,
      outputTokens: null,
    });
  });
});

describe('google', () => {
  const chunk = (text: string, more: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
    usageMetadata: {
      promptTokenCount: 12,
      candidatesTokenCount: text.length,
      thoughtsTokenCount: 9,
      cachedContentTokenCount: 4,
      totalTokenCount: 21,
    },
  });

  test('thinking is added to the output', () => {
    expect(read('google', STREAM, sse(chunk('a'), chunk('abc', { finishReason: 'STOP' })))).toMatchObject({
      inputTokens: 12,
      outputTokens: 12,
      cacheReadTokens: 4,
      reasoningTokens: 9,
      stopReason: 'STOP',
      complete: true,
    });
  });

  test('the array form without server-sent events, whole and cut', () => {
    const wire = JSON.stringify([chunk('a'), chunk('abc', { finishReason: 'STOP' })], null, 1);
    expect(read('google', 'application/json; charset=UTF-8', wire)).toMatchObject({
      inputTokens: 12,
      outputTokens: 12,
      complete: true,
    });
    expect(read('google', 'application/json', wire.slice(0, -3))).toMatchObject({ inputTokens: 12, complete: false });
  });
});

describe('an upstream that lies or breaks', () => {
  test.each([-5, 1.5, 1e30, '7'])('the count %s is left out and noted', (lie) => {
    const reading = read(
      'openai-chat',
      'application/json',
      JSON.stringify({
        choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: lie, completion_tokens: 3 },
      }),
    );
    expect(reading).toMatchObject({ inputTokens: null, outputTokens: 3, implausible: 1 });
  });

  test('broken events are counted and the rest is still read', () => {
    const wire =
      'data: {"type":"message_start","mess\n\ndata: }{\n\n' +
      sse(
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 3, output_tokens: 4 } },
        { type: 'message_stop' },
      );
    expect(read('anthropic', STREAM, wire)).toMatchObject({
      inputTokens: 3,
      outputTokens: 4,
      complete: true,
      malformed: 2,
    });
  });

  test('an endless line keeps no memory: nesting and strings are bounded', () => {
    const meter = codecOf('anthropic').createMeter(STREAM);
    meter.push(new TextEncoder().encode('data: {"x":"'));
    const block = new TextEncoder().encode('y'.repeat(65_536));
    for (let round = 0; round < 200; round += 1) meter.push(block);
    meter.push(new TextEncoder().encode(`"}\n\ndata: ${'['.repeat(10_000)}\n\n${sse({ type: 'message_stop' })}`));
    expect(meter.end()).toMatchObject({ complete: true, malformed: 1 });
  });

  test('deep nesting is broken however it arrives', () => {
    const deep = `data: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n\n`;
    const meter = codecOf('anthropic').createMeter(STREAM);
    const bytes = new TextEncoder().encode(deep);
    meter.push(bytes);
    meter.push(bytes.subarray(0, 5));
    meter.push(bytes.subarray(5));
    expect(meter.end()).toMatchObject({ malformed: 2, complete: false });
  });

  test('one event over several data lines, and one without a blank line at the end', () => {
    expect(
      read(
        'anthropic',
        STREAM,
        'data: {"type":\ndata: "message_delta","usage":{"output_tokens":6}}\n\ndata: {"type":"message_stop"}',
      ),
    ).toMatchObject({ outputTokens: 6, complete: true, malformed: 0 });
    expect(read('openai-chat', STREAM, 'data: [DONE]')).toMatchObject({ complete: true });
  });
});
