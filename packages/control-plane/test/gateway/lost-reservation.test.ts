import { newId } from '@molecule/contracts';
import { type DB, openDatabase } from '@molecule/store';
import { databaseProxy } from '@molecule/testkit/database';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { CallLedger } from '../../src/gateway/call-ledger.ts';
import { createLogger } from '../../src/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { call, until } from '../plane.ts';
import { startGateway } from './gateway-house.ts';

const LIMIT = 1000;

test(
  verifies(
    ['I5-truth-race', 'I5-budget-hard'],
    'a reservation that the database granted while its answer was lost, to a caller that had left, is given back',
  ),
  async () => {
    const house = await startGateway();
    const box = await house.box('research');
    const budget = { scope: { kind: 'org' }, unit: 'tokens', limit: LIMIT, period: 'total', mode: 'hard' };
    expect((await call(house.url, house.ownerToken, 'POST', '/api/v1/budgets', budget)).status).toBe(200);
    const proxy = await databaseProxy({ url: house.databaseUrl });
    onTestFinished(() => proxy.close());
    const database = openDatabase<DB>({ address: proxy.address });
    onTestFinished(() => database.close());
    const ledger = new CallLedger({
      db: database.kysely,
      clock: systemClock,
      log: createLogger('silent'),
      replicaId: newId(),
      heartbeatMs: 60_000,
    });
    await ledger.start();
    const held = () => house.db.selectFrom('reservations').select('id').execute();
    const leaving = new AbortController();
    const id = newId();
    let granted: unknown[] = [];
    proxy.cutAnswerOf('reserve_calls', async () => {
      granted = await held();
      leaving.abort(new Error('the box has gone'));
    });
    const opening = Promise.resolve(
      ledger.open({
        id,
        orgId: house.orgId,
        workspaceId: box.workspaceId,
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        startedAt: new Date(),
        signal: leaving.signal,
        forecast: () => ({ inputTokens: 100, maxOutputTokens: 100, price: null }),
      }),
    );
    await expect(opening).rejects.toThrow();
    expect(granted).toEqual([{ id }]);
    await until(held, (rows) => rows.length === 0);
    // All of the budget is there again.
    const [left] = (await call(house.url, house.ownerToken, 'GET', '/api/v1/budgets')).body.items;
    expect(left).toMatchObject({ limit: LIMIT, spent: 0, reserved: 0 });
    await ledger.stop();
  },
);
