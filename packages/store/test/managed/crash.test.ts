import { join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { verifies } from '@molecule/testkit/verifies';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type ManagedPostgres, startManagedPostgres } from '../../src/managed/managed-postgres.ts';
import type { ServerConnection } from '../../src/managed/server-login.ts';
import type { ManagedPostgresEvent } from '../../src/managed/server-supervision.ts';
import { eventually, silentLog, temporaryFolder } from './data-directories.ts';
import { startOwner } from './owner-process.ts';

const dataDir = join(temporaryFolder(), 'postgres');
let written = 0;

/** Writes rows one by one until the connection breaks. Counts a row only when its commit was acknowledged. */
async function writeUntilBroken(connection: ServerConnection, onRow: (rows: number) => void): Promise<void> {
  const client = new pg.Client({ ...connection });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('create table if not exists acknowledged (n int primary key)');
    for (let rows = 1; ; rows += 1) {
      await client.query('insert into acknowledged values ($1) on conflict do nothing', [written + 1]);
      written += 1;
      onRow(rows);
    }
  } catch {
    await client.end().catch(() => {});
  }
}

async function expectNothingLost(connection: ServerConnection): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  const { rows } = await client.query('select count(*)::int as present from acknowledged where n <= $1', [written]);
  await client.end();
  expect(rows).toEqual([{ present: written }]);
}

describe('kill -9', () => {
  test(verifies(
    'I2-kill-pg',
    'of the server, 20 times under load: each start recovers and no acknowledged row is lost',
  ), { timeout: 180_000 }, async () => {
    for (let cycle = 1; cycle <= 20; cycle += 1) {
      const server = await startManagedPostgres({ dataDir, log: silentLog });
      await writeUntilBroken(server.connection, (rows) => {
        if (rows === cycle * 7) process.kill(server.pid, 'SIGKILL');
      });
      await server.stop(); // it may be on its way up again: then that ends as well
      expect(isRunning(server.pid)).toBe(false);
    }
    const server = await startManagedPostgres({ dataDir, log: silentLog });
    await expectNothingLost(server.connection);
    await server.stop();
    expect(written).toBeGreaterThanOrEqual(1_400);
  });

  test('of a supervised server: it is started again by itself, and says so', async () => {
    const events: ManagedPostgresEvent[] = [];
    const server = await startManagedPostgres({ dataDir, log: silentLog, onEvent: (event) => events.push(event) });
    for (const cycle of [1, 2, 3]) {
      const victim = server.pid;
      await writeUntilBroken(server.connection, (rows) => {
        if (rows === 50) process.kill(victim, 'SIGKILL');
      });
      await eventually(() => events.filter((event) => event.type === 'restarted').length === cycle);
      expect(server.pid).not.toBe(victim);
      await expectNothingLost(server.connection);
    }
    await server.stop();
    expect(events.map((event) => event.type)).toEqual(['lost', 'restarted', 'lost', 'restarted', 'lost', 'restarted']);
    expect(events[0]).toMatchObject({ ending: 'SIGKILL' });
  });

  test(
    verifies(
      ['I2-pg-adopt', 'I2-kill-cp'],
      'of our process: the server runs on, is adopted with everything in it, and stop ends it',
    ),
    async () => {
      const owner = await startOwner(dataDir);
      const pid = owner.up?.pid ?? 0;
      await owner.kill();
      expect(isRunning(pid)).toBe(true);

      const server = await startManagedPostgres({ dataDir, log: silentLog });
      expect(server).toMatchObject({ adopted: true, pid });
      await expectNothingLost(server.connection);
      await server.stop();
      expect(isRunning(pid)).toBe(false);
    },
  );

  test('of an adopted server: it is started again as well', async () => {
    const owner = await startOwner(dataDir);
    await owner.kill();
    const events: ManagedPostgresEvent[] = [];
    const server = await startManagedPostgres({ dataDir, log: silentLog, onEvent: (event) => events.push(event) });
    expect(server.adopted).toBe(true);
    process.kill(server.pid, 'SIGKILL');
    await eventually(() => events.some((event) => event.type === 'restarted'));
    await expectNothingLost(server.connection);
    await server.stop();
  });

  test(verifies('I2-kill-pg', 'of both at once, repeatedly: the next start recovers'), async () => {
    for (let cycle = 1; cycle <= 3; cycle += 1) {
      const owner = await startOwner(dataDir);
      const { pid = 0, connection } = owner.up ?? {};
      expect(owner.up?.adopted).toBe(false);
      if (connection === undefined) throw new Error('The owner gave no connection.');
      const killed: Promise<void>[] = [];
      await writeUntilBroken(connection, (rows) => {
        if (rows !== 20 * cycle) return;
        killed.push(owner.kill());
        process.kill(pid, 'SIGKILL');
      });
      await Promise.all(killed);
    }
    const server: ManagedPostgres = await startManagedPostgres({ dataDir, log: silentLog });
    expect(server.adopted).toBe(false);
    await expectNothingLost(server.connection);
    await server.stop();
  });

  test('stop during a restart ends both', async () => {
    const server = await startManagedPostgres({ dataDir, log: silentLog });
    process.kill(server.pid, 'SIGKILL');
    await eventually(() => !isRunning(server.pid));
    await server.stop();
    expect(isRunning(server.pid)).toBe(false);
    const again = await startManagedPostgres({ dataDir, log: silentLog });
    expect(again.adopted).toBe(false);
    await again.stop();
  });
});
