import { request } from 'node:http';
import { expect, test } from 'vitest';
import {
  codecOf,
  estimateRequestTokens,
  PROTOCOL_IDS,
  type ScriptStep,
  settleUsage,
  type UsageMeter,
} from '../../src/index.ts';
import { startScriptedServer } from '../../src/server.ts';
import { REQUESTS } from '../conversation-bodies.ts';

const STEPS: readonly ScriptStep[] = [
  { text: ['some ', 'words ', 'in deltas'] },
  { text: 'reported', usage: { inputTokens: 500, outputTokens: 90, cacheReadTokens: 30, reasoningTokens: 12 } },
  { text: ['cut ', 'after two ', 'never'], cutAfterDeltas: 2 },
  { text: ['cancelled here', 'never'], hangAfterDeltas: 1 },
  { fail: { kind: 'overload' } },
  { text: ['broken at ', 'the end'], cutAfterDeltas: 2 },
];
const FIELDS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'reasoningTokens'] as const;

/**
 * Sends a body and meters the answer as its bytes arrive. Not with `fetch`: a web stream that fails throws away the chunks nobody
 * has read yet, and then the meter would see less than the wire carried.
 */
function meterAnswer(
  url: string,
  body: string,
  meterOf: (contentType: string) => UsageMeter,
  leaveAtFirstText: boolean,
) {
  return new Promise<UsageMeter>((resolve, reject) => {
    const call = request(url, { method: 'POST', agent: false }, (response) => {
      const meter = meterOf(response.headers['content-type'] ?? '');
      response.on('data', (chunk: Buffer) => {
        meter.push(chunk);
        if (leaveAtFirstText && meter.reading().outputCharacters > 0) response.destroy();
      });
      response.on('error', () => resolve(meter));
      response.on('close', () => resolve(meter));
    });
    call.on('error', reject);
    call.end(body);
  });
}

test('the meter and the server count the same over real sockets, cut and cancelled streams included', async () => {
  const server = await startScriptedServer({
    script: (asked) => STEPS[Number(/\d+/.exec(asked.prompt)?.[0]) % STEPS.length],
  });
  const metered = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, reasoningTokens: 0 };
  const one = async (number: number): Promise<void> => {
    const protocol = PROTOCOL_IDS[Math.floor(number / STEPS.length) % PROTOCOL_IDS.length] ?? 'anthropic';
    const step = STEPS[number % STEPS.length];
    const hangs = step?.hangAfterDeltas !== undefined;
    const stream = step?.cutAfterDeltas !== undefined || hangs || number % 7 !== 0;
    const { path, body } = REQUESTS[protocol]({ prompt: `number ${number}`, stream });
    const codec = codecOf(protocol);
    const meter = await meterAnswer(server.url + path, JSON.stringify(body), codec.createMeter, hangs);
    const { usage } = settleUsage(meter.end(), estimateRequestTokens(codec.readRequest(body, path)));
    for (const field of FIELDS) metered[field] += usage[field];
  };
  try {
    const total = 480;
    for (let first = 0; first < total; first += 24)
      await Promise.all(Array.from({ length: 24 }, (_, index) => one(first + index)));
    const { records } = server.model;
    await expect.poll(() => records.filter((record) => record.outcome === 'pending').length).toBe(0);
    expect(records).toHaveLength(total);
    expect(records.filter((record) => record.outcome === 'cut')).toHaveLength(total / 2);
    const { cacheWriteTokens, ...served } = server.model.totals();
    expect(cacheWriteTokens).toBe(0);
    expect(metered).toEqual(served);
  } finally {
    await server.close();
  }
});
