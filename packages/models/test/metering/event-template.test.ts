import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codecOf, type UsageReading } from '../../src/index.ts';

const TYPE = 'text/event-stream';

function delta(text: string): string {
  return `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`;
}

function stream(texts: readonly string[], broken: string | null): string {
  const start = { type: 'message_start', message: { model: 'm', usage: { input_tokens: 7, output_tokens: 1 } } };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };
  const head = `event: message_start\ndata: ${JSON.stringify(start)}\n\n`;
  const tail = `event: message_delta\ndata: ${JSON.stringify(end)}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;
  return head + texts.map(delta).join('') + (broken ?? '') + tail;
}

/** Bytes that are not a Buffer are never matched by templates: every event is read on its own. */
function read(text: string, cuts: readonly number[], asBuffer: boolean): UsageReading {
  const meter = codecOf('anthropic').createMeter(TYPE);
  const bytes = Buffer.from(text, 'utf8');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let at = 1; at < places.length; at += 1) {
    const piece = bytes.subarray(places[at - 1], places[at]);
    meter.push(asBuffer ? piece : Uint8Array.from(piece));
  }
  return meter.end();
}

test(
  verifies(
    'I5-meter',
    'an event recognised by the one before it says exactly what reading it says, whatever its text and wherever the bytes are cut',
  ),
  () => {
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('plain', 'ünïcode ✓', '𝒳𝒴', 'with "quotes"', 'back\\slash', 'line\nend', ''),
    );
    const broken = fc.constantFrom(
      null,
      null,
      'event: x\ndata: {"type":"content_block_delta","delta":{"text":"cut\n\n',
      delta('a').replace('}}', '}'),
      delta('a').replace('"index":0', '"index":'),
    );
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 12 }),
        broken,
        fc.array(fc.nat(), { maxLength: 6 }),
        (texts, bad, cuts) => {
          const whole = stream(texts, bad);
          expect(read(whole, cuts, true)).toEqual(read(whole, [], false));
        },
      ),
      { numRuns: 400 },
    );
  },
);

test(verifies('I5-meter', 'thousands of equal events are counted to the character'), () => {
  const reading = read(
    stream(
      Array.from({ length: 5_000 }, (_, at) => `word ${at} `),
      null,
    ),
    [1_000, 65_536, 131_072],
    true,
  );
  const characters = Array.from({ length: 5_000 }, (_, at) => `word ${at} `.length).reduce(
    (sum, each) => sum + each,
    0,
  );
  expect(reading).toMatchObject({
    outputCharacters: characters,
    malformed: 0,
    complete: true,
    inputTokens: 7,
    outputTokens: 9,
  });
});
