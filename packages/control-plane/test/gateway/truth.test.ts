import { PROTOCOL_IDS, type ProtocolId } from '@molecule/models';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, until } from '../plane.ts';
import { MODEL_FOR, requestOf, send, startGateway, type TestCaller, usageTotal } from './gateway-house.ts';

const REQUESTS = 10_000;
const AT_ONCE = 40;
/** What becomes of each kind of request: a script decides by its words. */
const KINDS = ['plain', 'whole', 'cut', 'cancel', 'reasoning', 'error'] as const;

/** Reads one answer to its end, or leaves after its first bytes. */
async function consume(answer: Response, leave: AbortController | null): Promise<void> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done } = await reader.read();
      if (done) return;
      if (leave !== null) leave.abort();
    }
  } catch {
    // Cut on purpose, by the provider or by us.
  }
}

test(verifies(
  ['I5-truth-count', 'I5-meter'],
  'metered tokens equal what the model server itself served, over ten thousand requests of all kinds and protocols',
), { timeout: 400_000 }, async () => {
  const house = await startGateway({
    script: (request) => {
      const kind = KINDS.find((each) => request.prompt.startsWith(each)) ?? 'plain';
      const text = ['some words ', 'and ünïcode ✓ ', 'more "quoted" words ', 'the end'];
      if (kind === 'cut') return { text, cutAfterDeltas: 2 };
      if (kind === 'cancel') return { text, hangAfterDeltas: 1 };
      if (kind === 'reasoning') return { text, usage: { cacheReadTokens: 3, reasoningTokens: 2 } };
      if (kind === 'error') return { fail: { kind: 'bad_request' } };
      return { text };
    },
  });
  const boxes = new Map<ProtocolId, TestCaller>();
  for (const protocol of PROTOCOL_IDS) boxes.set(protocol, await house.box(protocol, MODEL_FOR[protocol]));
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < REQUESTS; at = next++) {
      const protocol = PROTOCOL_IDS[at % PROTOCOL_IDS.length] ?? 'anthropic';
      const kind = KINDS[Math.floor(at / 4) % KINDS.length] ?? 'plain';
      const leave = kind === 'cancel' ? new AbortController() : null;
      const answer = await send(
        house.url,
        boxes.get(protocol)?.token ?? '',
        requestOf(protocol, `${kind} request ${at}`, kind !== 'whole'),
        leave?.signal,
      );
      await consume(answer, leave);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { model } = house.upstream;
  await until(
    async () => model.records.filter((record) => record.outcome === 'pending').length,
    (pending) => pending === 0,
  );
  const served = model.totals();
  const metered = await until(
    () => usageTotal(house),
    (total) => total['requests'] === REQUESTS,
  );
  expect(model.records).toHaveLength(REQUESTS);
  expect({
    input: metered['inputTokens'],
    output: metered['outputTokens'],
    cached: metered['cachedTokens'],
    reasoning: metered['reasoningTokens'],
  }).toEqual({
    input: served.inputTokens,
    output: served.outputTokens,
    cached: served.cacheReadTokens,
    reasoning: served.reasoningTokens,
  });
  const errors = model.records.filter((record) => record.outcome === 'error').length;
  expect(metered['failedRequests']).toBeGreaterThanOrEqual(errors);
});

test(verifies(
  ['I5-truth-race', 'I5-budget-hard', 'I5-budget-first'],
  "of 200 requests at the same moment exactly the 50 that the budget allows pass, the others are refused in the protocol's shape",
), { timeout: 120_000 }, async () => {
  const house = await startGateway({ script: [{ text: 'done', usage: { inputTokens: 100, outputTokens: 20 } }] });
  const box = await house.box('race');
  const made = await call(house.url, house.ownerToken, 'POST', '/api/v1/budgets', {
    scope: { kind: 'workspace', id: box.workspaceId },
    unit: 'tokens',
    limit: 50 * 120,
    period: 'day',
  });
  expect(made.status).toBe(200);
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      const answer = await send(house.url, box.token, requestOf('anthropic', `race ${at}`, at % 2 === 0));
      return { status: answer.status, text: await answer.text() };
    }),
  );
  expect(answers.filter((each) => each.status === 200)).toHaveLength(50);
  const refused = answers.filter((each) => each.status === 402);
  expect(refused).toHaveLength(150);
  expect(JSON.parse(refused[0]?.text ?? '')).toMatchObject({
    type: 'error',
    error: { type: 'billing_error', message: expect.stringContaining('budget') },
  });
  expect(house.upstream.model.records).toHaveLength(50);
  const [budget] = (await call(house.url, house.ownerToken, 'GET', '/api/v1/budgets')).body.items;
  expect(budget).toMatchObject({ spent: 6_000, reserved: 0, warnedAt: expect.any(String) });
});
