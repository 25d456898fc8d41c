import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResolvedAddress } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { CircuitBreaker } from '../../src/gateway/circuit-breaker.ts';
import { guardedLookup, UpstreamAgents } from '../../src/gateway/upstream-agents.ts';
import { callUpstream } from '../../src/gateway/upstream-call.ts';

const LOOPBACK = { address: '127.0.0.1', family: 4 } as const;
/** Of the range for documentation: nobody has it, and it counts as public. */
const PUBLIC = { address: '203.0.113.7', family: 4 } as const;

/** A server inside that must not be reached, and calls that would reach it under a public name. */
async function inside() {
  let reached = 0;
  const server = createServer((_request, response) => {
    reached += 1;
    response.end('{}');
  });
  server.on('connection', () => (reached += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // on TCP, so never a string or null
  const ask = async (host: string, resolve: (name: string) => Promise<readonly ResolvedAddress[]>, guarded = true) => {
    const agents = new UpstreamAgents(resolve);
    const outcome = await callUpstream(
      { url: new URL(`http://${host}:${port}/v1`), method: 'POST', headers: {}, body: Buffer.from('{}'), guarded },
      { agents, breaker: new CircuitBreaker(), times: { connectMs: 5_000, firstByteMs: 5_000 }, random: () => 0 },
      new AbortController().signal,
    );
    if (outcome.kind === 'answer') outcome.response.resume();
    agents.close();
    return outcome;
  };
  return { ask, reached: () => reached };
}

test(
  verifies(
    'I5-bad-ssrf',
    'a public name that resolves to an internal address is refused, and nothing inside hears of it',
  ),
  async () => {
    const { ask, reached } = await inside();
    const asked: string[] = [];
    const answers: readonly (readonly ResolvedAddress[])[] = [
      [LOOPBACK],
      // Several answers are no matter of luck.
      [PUBLIC, LOOPBACK],
      [{ address: '::ffff:127.0.0.1', family: 6 }],
      [{ address: '10.0.0.1', family: 4 }],
    ];
    for (const answer of answers) {
      const outcome = await ask('models.example.com', async (name) => {
        asked.push(name);
        return answer;
      });
      expect(outcome, JSON.stringify(answer)).toMatchObject({ kind: 'failed', reason: 'address', sent: false });
    }
    expect(asked).toEqual(answers.map(() => 'models.example.com'));
    // Nobody looks up what is an address already.
    for (const literal of ['127.0.0.1', '[::ffff:127.0.0.1]'])
      expect(await ask(literal, async () => [PUBLIC]), literal).toMatchObject({ kind: 'failed', reason: 'address' });
    expect(reached()).toBe(0);
    // The operator's own addresses may be internal ones: the server is there.
    expect(await ask('127.0.0.1', async () => [PUBLIC], false)).toMatchObject({ kind: 'answer' });
    expect(reached()).toBeGreaterThan(0);
  },
);

test(
  verifies(
    'I5-bad-ssrf',
    'the connection is made to the very addresses that were looked at, not to those of a second look-up',
  ),
  async () => {
    const answers = [[PUBLIC], [LOOPBACK]];
    const lookup = guardedLookup(async () => answers.shift() ?? []);
    const connectedTo = await new Promise((resolve, reject) => {
      lookup('models.example.com', { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
    });
    expect(connectedTo).toEqual([PUBLIC]);
    expect(answers).toHaveLength(1);
  },
);
