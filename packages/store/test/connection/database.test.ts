import { databaseProxy, testDatabase } from '@molecule/testkit/database';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/connection/database.ts';
import { databaseUrl } from '../../src/connection/database-address.ts';
import { asDatabaseError } from '../../src/connection/database-error.ts';
import { StatementNames } from '../../src/connection/statement-names.ts';

const open = async () => (await testDatabase({ migrated: false })).db;

describe('values', () => {
  test('bigint is a number, in rows, counts and arrays', async () => {
    const { kysely } = await open();
    const { rows } =
      await sql`select 9007199254740991::bigint as big, count(*) as n, array[1, null]::bigint[] as list`.execute(
        kysely,
      );
    expect(rows).toEqual([{ big: Number.MAX_SAFE_INTEGER, n: 1, list: [1, null] }]);
  });

  test('a bigint that a number cannot hold is refused, not rounded, and the connection goes on', async () => {
    const { kysely } = await open();
    await expect(sql`select 9007199254740993::bigint`.execute(kysely)).rejects.toThrow(RangeError);
    expect((await sql`select 1 as one`.execute(kysely)).rows).toEqual([{ one: 1 }]);
  });
});

describe('statements', () => {
  test('those that run often are prepared once per connection, the others not', async () => {
    const { kysely } = await open();
    await kysely.connection().execute(async (connection) => {
      for (let run = 0; run < 5; run += 1) await sql`select ${run}::int as often`.execute(connection);
      await sql`select ${1}::int as once`.execute(connection);
      const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
        connection,
      );
      expect(rows.map((row) => row.statement)).toEqual(['select $1::int as often']);
    });
  });

  test('the number of names is bounded, however many texts there are', () => {
    const names = new StatementNames();
    const given = new Set<string | undefined>();
    for (let text = 0; text < 1_000; text += 1)
      for (let run = 0; run < 4; run += 1) given.add(names.nameFor(`select ${text}`));
    expect(given.size - 1).toBe(64);
  });

  test('a prepared statement that a changed table broke costs one error, not every later one', async () => {
    const { config } = await testDatabase({ migrated: false });
    const db = openDatabase<unknown>({ ...config, maxConnections: 1 });
    const read = () => sql`select * from changing where n = ${1}`.execute(db.kysely);
    await sql`create table changing (n int)`.execute(db.kysely);
    for (let run = 0; run < 4; run += 1) await read();
    await sql`alter table changing add column later int`.execute(db.kysely);
    await expect(read()).rejects.toThrow(/cached plan/);
    await expect(read()).resolves.toMatchObject({ rows: [] });
    await db.close();
  });

  test('one that takes too long is ended by the server', async () => {
    const { config } = await testDatabase({ migrated: false });
    const db = openDatabase<unknown>({ ...config, statementTimeoutMs: 50 });
    const error: unknown = await sql`select pg_sleep(10)`.execute(db.kysely).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: '57014' });
    expect(asDatabaseError(error)).toMatchObject({ code: 'database_unavailable' });
    await db.close();
  });

  test(
    verifies('I2-bad-database', 'a server that hangs is "unavailable" in bounded time, in a transaction too'),
    async () => {
      const { config } = await testDatabase({ migrated: false });
      const proxy = await databaseProxy(config.address);
      onTestFinished(() => proxy.close());
      const db = openDatabase<unknown>({ ...config, address: proxy.address, maxConnections: 1, answerTimeoutMs: 500 });
      let isHung = false;
      const work = db.withTransaction(async (transaction) => {
        await sql`select 1`.execute(transaction);
        proxy.hang();
        isHung = true;
        await sql`select 2`.execute(transaction);
      });
      expect(asDatabaseError(await work.catch((reason: unknown) => reason))).toMatchObject({
        code: 'database_unavailable',
      });
      expect(isHung).toBe(true);
      // The only place of the pool is free again: whoever comes next does not stand in line behind a statement without an answer.
      expect((await sql`select 3 as n`.execute(db.kysely)).rows).toEqual([{ n: 3 }]);
      await db.close();
    },
  );
});

describe('transactions', () => {
  test('keep nothing when the work fails', async () => {
    const db = await open();
    await sql`create table kept (n int)`.execute(db.kysely);
    const work = db.withTransaction(async (transaction) => {
      await sql`insert into kept values (1)`.execute(transaction);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    await db.withTransaction((transaction) => sql`insert into kept values (2)`.execute(transaction), 'serializable');
    expect((await sql`select n from kept`.execute(db.kysely)).rows).toEqual([{ n: 2 }]);
  });
});

describe('connections', () => {
  test(
    verifies('I2-kill-pg', 'that break, idle or at work, do not end the process; the next statement gets a new one'),
    async () => {
      const { config, db: killer } = await testDatabase({ migrated: false });
      const losses: Error[] = [];
      const db = openDatabase<unknown>({
        ...config,
        maxConnections: 2,
        onConnectionLoss: (error) => losses.push(error),
      });
      const pid = async () =>
        (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db.kysely)).rows[0]?.pid;
      await sql`select pg_terminate_backend(${await pid()})`.execute(killer.kysely);
      await expect.poll(() => losses.length).toBe(1);
      await db.kysely.connection().execute(async (connection) => {
        const own = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
        const sleeping = sql`select pg_sleep(30)`.execute(connection).catch((reason: unknown) => reason);
        await sql`select pg_terminate_backend(${own.rows[0]?.pid})`.execute(killer.kysely);
        expect(asDatabaseError(await sleeping)).toMatchObject({ code: 'database_unavailable' });
      });
      expect(await pid()).toBeTypeOf('number');
      await db.close();
    },
  );

  test('close waits for the statement under way and refuses new ones', async () => {
    const { config } = await testDatabase({ migrated: false });
    const db = openDatabase<unknown>(config);
    // Two connections are open before, so that the slow statement is under way and not still connecting.
    await Promise.all([sql`select pg_sleep(0.05)`.execute(db.kysely), sql`select pg_sleep(0.05)`.execute(db.kysely)]);
    const working = sql`select pg_sleep(0.1), 'done' as state`.execute(db.kysely);
    await sql`select 1`.execute(db.kysely);
    await Promise.all([db.close(), db.close()]);
    expect((await working).rows).toMatchObject([{ state: 'done' }]);
    await expect(sql`select 1`.execute(db.kysely)).rejects.toThrow();
  });

  test('close of a database that was never used ends at once', async () => {
    const { config } = await testDatabase({ migrated: false });
    await openDatabase<unknown>(config).close();
    expect(databaseUrl({ url: 'postgresql://x/y' })).toBe('postgresql://x/y');
  });

  test(verifies('I2-bad-database', 'a database that is not there is "unavailable"'), async () => {
    const db = openDatabase<unknown>({ address: { url: 'postgresql://u:p@/d?host=/nowhere/at/all' } });
    const error: unknown = await sql`select 1`.execute(db.kysely).catch((reason: unknown) => reason);
    expect(asDatabaseError(error)).toMatchObject({ code: 'database_unavailable' });
    expect(asDatabaseError(new Error('duplicate key'))).toBeUndefined();
    await db.close();
  });
});
