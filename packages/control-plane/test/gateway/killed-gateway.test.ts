import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { call, until } from '../plane.ts';
import { requestOf, send, startGateway, usageTotal } from './gateway-house.ts';

const PROGRAM = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));
const STREAMS = 20;

test(verifies(
  ['I5-truth-kill', 'I5-budget-hard'],
  'a gateway killed in the middle of its streams loses no call and leaks no reservation: another replica settles them from what was known',
), { timeout: 240_000 }, async () => {
  const house = await startGateway(
    { script: [{ text: ['first words ', 'more', 'more'], hangAfterDeltas: 1 }] },
    { gateway: { silentMs: 1_500 } },
  );
  const box = await house.box('killed');
  await call(house.url, house.ownerToken, 'POST', '/api/v1/budgets', {
    scope: { kind: 'org' },
    unit: 'tokens',
    limit: 10_000_000,
    period: 'total',
  });
  const child = fork(PROGRAM, {
    execArgv: ['--conditions=source'],
    env: { ...process.env, DATABASE: house.databaseUrl, UPSTREAM: house.upstream.url },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, async (_, at) => {
      const answer = await send(url, box.token, requestOf('anthropic', `stream ${at}`, true));
      const reader = answer.body?.getReader();
      await reader?.read();
      return reader;
    }),
  );
  const [before] = (await call(house.url, house.ownerToken, 'GET', '/api/v1/budgets')).body.items;
  expect(before.reserved).toBeGreaterThan(0);
  // The checkpoint of what the streams have shown.
  await until(
    () => house.db.selectFrom('reservations').select('input_tokens').where('kind', '=', 'call').execute(),
    (rows) => rows.length === STREAMS && rows.every((row) => row.input_tokens > 0),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await Promise.allSettled(streams.map(async (reader) => reader?.read()));
  await until(
    () => house.db.selectFrom('reservations').select('id').execute(),
    (rows) => rows.length === 0,
  );
  const served = house.upstream.model.totals();
  const usage = await usageTotal(house, box.workspaceId);
  expect(usage).toMatchObject({ requests: STREAMS, estimatedRequests: STREAMS, inputTokens: served.inputTokens });
  const [after] = (await call(house.url, house.ownerToken, 'GET', '/api/v1/budgets')).body.items;
  expect(after).toMatchObject({ reserved: 0, spent: (usage['inputTokens'] ?? 0) + (usage['outputTokens'] ?? 0) });
});
