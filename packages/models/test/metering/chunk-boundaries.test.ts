import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  codecOf,
  estimateTokens,
  type ModelRequest,
  PROTOCOL_IDS,
  type ProtocolId,
  type Reply,
  type ReplyPart,
  settleUsage,
  type TokenUsage,
} from '../../src/index.ts';
import { replyCharacters } from '../../src/protocols/token-estimate.ts';
import { REQUESTS } from '../conversation-bodies.ts';

/** Texts that try to look like the framing or the usage fields around them. */
const trickyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '"usage":{"input_tokens":999999,"output_tokens":999999}',
    'data: [DONE]\n\n',
    '\\"\\u0000\\\\',
    '🙂🙂',
    '{"type":"message_stop"}\n\ndata: {}',
    '\r\n\r\n',
    ']}]}',
    'x'.repeat(2000),
  ),
);
const parts: fc.Arbitrary<ReplyPart[]> = fc.array(
  fc.oneof(
    trickyText.map((text): ReplyPart => ({ type: 'text', text })),
    fc
      .record({
        name: fc.constant('tool'),
        args: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      })
      .map((call): ReplyPart => ({ type: 'tool_call', call })),
  ),
  { minLength: 1, maxLength: 5 },
);
const usage: fc.Arbitrary<TokenUsage> = fc
  .record({
    plain: fc.nat(100_000),
    cacheRead: fc.nat(100_000),
    cacheWrite: fc.nat(1000),
    visible: fc.nat(10_000),
    reasoning: fc.nat(10_000),
  })
  .map(({ plain, cacheRead, cacheWrite, visible, reasoning }) => ({
    inputTokens: plain + cacheRead + cacheWrite,
    outputTokens: visible + reasoning,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: reasoning,
  }));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

const context = { newId: (prefix: string) => `${prefix}_1`, nowMs: 0 };
const encoder = new TextEncoder();

function requestOf(protocol: ProtocolId, stream: boolean): ModelRequest {
  const { path, body } = REQUESTS[protocol]({ prompt: 'hello', stream });
  return codecOf(protocol).readRequest(body, path);
}

/** The encoded answer as its pieces, so that a test can cut between them. */
function streamOf(protocol: ProtocolId, reply: Reply): string[] {
  const request = requestOf(protocol, true);
  const stream = codecOf(protocol).createEncoder(request, context);
  return [
    stream.begin(reply.usage),
    ...reply.parts.map((part) => (part.type === 'text' ? stream.text(part.text) : stream.toolCall(part.call))),
    stream.finish(reply.stopReason, reply.usage),
  ];
}

function feed(protocol: ProtocolId, contentType: string, bytes: Uint8Array, at: readonly number[]) {
  const meter = codecOf(protocol).createMeter(contentType);
  const places = [...new Set(at.map((part) => Math.floor(part * bytes.length)))].sort((left, right) => left - right);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    meter.push(bytes.subarray(from, place));
    from = place;
  }
  return meter.end();
}

/** What a protocol can say of a usage: some have no field for cache writes, some leave a zero out. */
function sayable(protocol: ProtocolId, all: TokenUsage) {
  return {
    inputTokens: all.inputTokens,
    outputTokens: all.outputTokens,
    ...(protocol === 'google' && all.cacheReadTokens === 0 ? {} : { cacheReadTokens: all.cacheReadTokens }),
    ...(protocol === 'anthropic' ? { cacheWriteTokens: all.cacheWriteTokens } : {}),
    ...((protocol === 'anthropic' || protocol === 'google') && all.reasoningTokens === 0
      ? {}
      : { reasoningTokens: all.reasoningTokens }),
  };
}

describe.each(PROTOCOL_IDS)('metering %s', (protocol) => {
  test('a stream split anywhere gives exactly the numbers that were sent', () => {
    fc.assert(
      fc.property(parts, usage, cuts, (list, numbers, at) => {
        const wire = streamOf(protocol, { parts: list, stopReason: 'end', usage: numbers }).join('');
        const bytes = encoder.encode(wire);
        const before = bytes.slice();
        const reading = feed(protocol, 'text/event-stream; charset=utf-8', bytes, at);
        expect(reading).toMatchObject({
          ...sayable(protocol, numbers),
          complete: true,
          error: null,
          malformed: 0,
          implausible: 0,
        });
        if (protocol !== 'google') expect(reading.outputCharacters).toBe(replyCharacters(list));
        expect(bytes).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });

  test('byte by byte, and with CR LF line ends', () => {
    const list: ReplyPart[] = [
      { type: 'text', text: 'a "quoted" 🙂 {"usage":1}' },
      { type: 'tool_call', call: { name: 't', args: { a: [1, { b: 'c' }] } } },
    ];
    const numbers: TokenUsage = {
      inputTokens: 123,
      outputTokens: 45,
      cacheReadTokens: 20,
      cacheWriteTokens: 0,
      reasoningTokens: 5,
    };
    const wire = streamOf(protocol, { parts: list, stopReason: 'end', usage: numbers }).join('');
    for (const text of [wire, wire.replaceAll('\n', '\r\n'), wire.replaceAll('\n', '\r')]) {
      const bytes = encoder.encode(text);
      const all = Array.from({ length: bytes.length }, (_, index) => index / bytes.length);
      expect(feed(protocol, 'text/event-stream', bytes, all)).toMatchObject({
        ...sayable(protocol, numbers),
        complete: true,
        malformed: 0,
      });
    }
  });

  test('a JSON body split anywhere', () => {
    fc.assert(
      fc.property(parts, usage, cuts, (list, numbers, at) => {
        const bytes = encoder.encode(
          codecOf(protocol).encodeWhole(
            requestOf(protocol, false),
            { parts: list, stopReason: 'end', usage: numbers },
            context,
          ),
        );
        expect(feed(protocol, 'application/json', bytes, at)).toMatchObject({
          ...sayable(protocol, numbers),
          complete: true,
          malformed: 0,
        });
      }),
      { numRuns: 100 },
    );
  });

  test('a stream cut at any byte is incomplete, never invents numbers, and is settled with what was seen', () => {
    fc.assert(
      fc.property(parts, usage, fc.nat(), (list, numbers, place) => {
        const pieces = streamOf(protocol, { parts: list, stopReason: 'end', usage: numbers });
        const whole = encoder.encode(pieces.slice(0, -1).join(''));
        const bytes = whole.subarray(0, whole.length === 0 ? 0 : place % (whole.length + 1));
        const reading = feed(protocol, 'text/event-stream', bytes, []);
        expect(reading.complete).toBe(false);
        expect(reading.inputTokens ?? numbers.inputTokens).toBeLessThanOrEqual(numbers.inputTokens);
        expect(reading.outputTokens ?? 0).toBeLessThanOrEqual(numbers.outputTokens);
        const settled = settleUsage(reading, 77);
        expect(settled).toMatchObject({ source: 'estimated' });
        expect(settled.usage.outputTokens).toBeGreaterThanOrEqual(estimateTokens(reading.outputCharacters));
      }),
      { numRuns: 150 },
    );
  });

  test('any bytes at all neither throw nor count', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('text/event-stream', 'application/json', ''),
        (bytes, contentType) => {
          const reading = feed(protocol, contentType, bytes, [0.3, 0.6]);
          expect(reading).toMatchObject({ inputTokens: null, outputTokens: null, complete: false });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('an error in the middle of a stream is seen', () => {
    const wire = streamOf(protocol, {
      parts: [{ type: 'text', text: 'half' }],
      stopReason: 'end',
      usage: { inputTokens: 9, outputTokens: 9, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
    })
      .slice(0, -1)
      .join('');
    const reading = feed(
      protocol,
      'text/event-stream',
      encoder.encode(wire + codecOf(protocol).encodeStreamError('overload', 'too busy')),
      [0.5],
    );
    expect(reading.error).not.toBeNull();
    expect(settleUsage(reading, 9).usage.outputTokens).toBe(1);
  });
});
