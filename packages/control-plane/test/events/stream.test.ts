import { type MoleculeEvent, newId } from '@molecule/contracts';
import { appendEvents, followEvents, newestCursor, readEvents, START_CURSOR } from '@molecule/store';
import { testDatabase } from '@molecule/testkit/database';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { type Plane, startPlane, until } from '../plane.ts';

/** Reads a stream of events until it is closed, keeping what came. */
function listen(plane: Plane, url: string, lastEventId?: string): { readonly seen: MoleculeEvent[]; close(): void } {
  const seen: MoleculeEvent[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const run = async (): Promise<void> => {
    const response = await fetch(`${url}/api/v1/events`, {
      signal: stop.signal,
      headers: {
        authorization: `Bearer ${plane.ownerToken}`,
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString('utf8');
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) seen.push(JSON.parse(data) as MoleculeEvent);
      }
    }
  };
  run().catch(() => undefined);
  return { seen, close: () => stop.abort() };
}

const numbers = (events: readonly MoleculeEvent[]): unknown[] =>
  events.filter((event) => event.type === 'drift.repaired').map((event) => event.data['n']);

test(
  verifies(
    ['I2-cp-sse', 'I2-schema-outbox'],
    'a reader that reconnects with its last cursor, on another replica, misses nothing and sees nothing twice',
  ),
  async () => {
    const plane = await startPlane();
    const other = await plane.replica();
    let n = 0;
    const write = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () => {
          const data = { n: n++ };
          return plane.db
            .transaction()
            .execute((trx) => appendEvents(trx, [{ orgId: plane.orgId, type: 'drift.repaired', actor: 'test', data }]));
        }),
      );
    const first = listen(plane, plane.url, '0-0');
    await write(40);
    await until(
      async () => numbers(first.seen).length,
      (count) => count >= 20,
    );
    first.close();
    const had = first.seen.length;
    const cursor = first.seen.at(-1)?.cursor;
    await write(40);
    const second = listen(plane, other.url, cursor);
    await write(40);
    await until(
      async () => numbers([...first.seen.slice(0, had), ...second.seen]).length,
      (count) => count >= 120,
    );
    const all = numbers([...first.seen.slice(0, had), ...second.seen]);
    expect([...all].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 120 }, (_, index) => index));
  },
);

test(
  verifies(
    'I2-schema-outbox',
    'an event of a transaction that commits late is not skipped by a reader that saw later ones begin',
  ),
  async () => {
    const { db } = await testDatabase();
    const orgId = newId();
    await db.kysely.insertInto('orgs').values({ id: orgId, name: 'o' }).execute();
    const add = (n: number) => ({ orgId, type: 'drift.repaired' as const, actor: 'test', data: { n } });
    const gate = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const slow = db.withTransaction(async (trx) => {
      await appendEvents(trx, [add(1)]);
      inside.resolve();
      await gate.promise;
    });
    await inside.promise;
    await db.withTransaction((trx) => appendEvents(trx, [add(2)]));
    const read = async (after = START_CURSOR) =>
      (await readEvents(db.kysely, after, { orgId }, 10)).map((event) => event.data['n']);
    // The later one committed, but an older transaction is still open: nothing is given out yet, and the reader knows that more is to come.
    expect(await read()).toEqual([]);
    expect(await followEvents(db.kysely, await newestCursor(db.kysely), 10)).toEqual({ events: [], heldBack: true });
    gate.resolve();
    await slow;
    expect(await read()).toEqual([1, 2]);
  },
);
