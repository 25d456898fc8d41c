import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@molecule/contracts';
import { appendEvents, type Database, type DatabaseAddress, type DB, openDatabase } from '@molecule/store';
import { testDatabase } from '@molecule/testkit/database';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/index.ts';
import { EventHub } from '../../src/kernel/event-hub.ts';
import { until } from '../plane.ts';

/** Far under the interval of any poll that there was, far over what a busy machine needs. */
const SOON_MS = 20_000;
/** Longer than a reader that tries again only for a moment goes on trying. */
const HOLD_MS = 4_000;

interface House {
  readonly db: Database<DB>;
  readonly seen: unknown[];
  append(n: number): Promise<void>;
  /** Waits until the event is there and gives how long that took. */
  delivered(n: number): Promise<number>;
}

/** A hub on a database of its own. @param listenAt where the hub finds the database, if elsewhere */
async function house(
  listenAt: (address: DatabaseAddress) => Promise<DatabaseAddress> = async (a) => a,
): Promise<House> {
  const { db, config } = await testDatabase();
  const orgId = newId();
  await db.kysely.insertInto('orgs').values({ id: orgId, name: 'o' }).execute();
  const own = openDatabase<DB>({ address: await listenAt(config.address) });
  const hub = new EventHub(own.kysely, createLogger('silent'));
  const seen: unknown[] = [];
  hub.subscribe((events) => seen.push(...events.map((event) => event.data['n'])));
  await hub.start(own);
  onTestFinished(async () => {
    await hub.stop();
    await own.close();
  });
  return {
    db,
    seen,
    append: (n) =>
      db.withTransaction((trx) => appendEvents(trx, [{ orgId, type: 'drift.repaired', actor: 'test', data: { n } }])),
    delivered: async (n) => {
      const from = performance.now();
      await until(
        async () => seen,
        (all) => all.includes(n),
      );
      return performance.now() - from;
    },
  };
}

/** Opens a transaction that has an id and holds back every later one, until the function it gives is called. */
async function holdBack(db: Database<DB>, how: 'commit' | 'rollback'): Promise<() => Promise<void>> {
  const gate = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const held = db
    .withTransaction(async (trx) => {
      await sql`select pg_current_xact_id()`.execute(trx);
      inside.resolve();
      await gate.promise;
      if (how === 'rollback') throw new Error('as planned');
    })
    .catch(() => undefined);
  await inside.promise;
  const release = async (): Promise<void> => {
    gate.resolve();
    await held;
  };
  onTestFinished(release);
  return release;
}

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

for (const how of ['commit', 'rollback'] as const)
  test(
    verifies(
      'I2-cp-sse',
      `an event behind an older transaction comes when that one ends by ${how}, which wakes nobody`,
    ),
    async () => {
      const { db, seen, append, delivered } = await house();
      const release = await holdBack(db, how);
      await append(1);
      await pass(HOLD_MS); // what is proved needs a transaction that lasts
      expect(seen).toEqual([]);
      await release();
      expect(await delivered(1)).toBeLessThan(SOON_MS);
      expect(seen).toEqual([1]);
    },
  );

test(
  verifies('I2-cp-sse', 'a long transaction in another database of the same server holds no event back'),
  async () => {
    const { append, delivered } = await house();
    const elsewhere = await testDatabase();
    const release = await holdBack(elsewhere.db, 'commit');
    await append(1);
    expect(await delivered(1)).toBeLessThan(SOON_MS);
    await release();
  },
);

test(verifies('I2-cp-sse', 'an event comes although the listening connection was ended by the server'), async () => {
  const { db, append, delivered } = await house();
  const ended = await sql<{ pid: number }>`
    select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%'`.execute(db.kysely);
  expect(ended.rows).toHaveLength(1);
  await append(1);
  expect(await delivered(1)).toBeLessThan(SOON_MS);
});

test(verifies('I2-cp-sse', 'an event comes although the listening connection fell silent without an end'), async () => {
  let mute = (): number => 0;
  const { append, delivered } = await house(async (address) => {
    const proxy = await silencingProxy(address);
    mute = proxy.mute;
    return proxy.address;
  });
  await append(1);
  await delivered(1);
  expect(mute()).toBe(1);
  await append(2);
  expect(await delivered(2)).toBeLessThan(SOON_MS);
});

/** A way to the database on which the connections that listen can be made to lose whatever the server sends, as a dropped route does. */
async function silencingProxy(
  address: DatabaseAddress,
): Promise<{ readonly address: DatabaseAddress; readonly mute: () => number }> {
  if ('url' in address) throw new Error('this test needs the server of the test run');
  const folder = mkdtempSync(join(tmpdir(), 'molecule-proxy-'));
  const name = `.s.PGSQL.${address.port}`;
  const listening = new Set<Socket>();
  const sockets = new Set<Socket>();
  let muted = false;
  const server = createServer((client) => {
    const upstream = createConnection(join(address.host, name));
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (bytes) => {
      if (bytes.toString('latin1').includes('listen ')) listening.add(client);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!(muted && listening.has(client))) client.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(folder, name), resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    address: { ...address, host: folder },
    mute: () => {
      muted = true;
      return listening.size;
    },
  };
}
