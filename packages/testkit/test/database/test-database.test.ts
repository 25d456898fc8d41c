import { randomUUID } from 'node:crypto';
import { openDatabase } from '@molecule/store';
import { type TestDatabase, testDatabase } from '@molecule/testkit/database';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';

describe('testDatabase', () => {
  let fromHook: TestDatabase;
  beforeEach(async () => {
    fromHook = await testDatabase();
  });

  test('gives each test a migrated database of its own', async () => {
    const other = await testDatabase();
    await sql`insert into orgs (id, name) values (${randomUUID()}, 'one')`.execute(fromHook.db.kysely);
    const seen = await sql<{ n: number }>`select count(*) as n from orgs`.execute(other.db.kysely);
    expect(seen.rows).toEqual([{ n: 0 }]);
  });

  test('gives an empty one when asked', async () => {
    const { db } = await testDatabase({ migrated: false });
    const tables = await sql`select 1 from pg_tables where schemaname = 'public'`.execute(db.kysely);
    expect(tables.rows).toEqual([]);
  });

  test('drops the database for good', async () => {
    const { db, drop } = await testDatabase();
    const name = (await sql<{ name: string }>`select current_database() as name`.execute(db.kysely)).rows[0]?.name;
    const names = async (): Promise<unknown[]> =>
      (await sql`select 1 from pg_database where datname = ${name}`.execute(fromHook.db.kysely)).rows;
    expect(await names()).toHaveLength(1);
    await drop();
    expect(await names()).toHaveLength(0);
  });

  test('its URL leads another program to the same database', async () => {
    const { db, url } = await testDatabase();
    const other = openDatabase<unknown>({ address: { url } });
    const name = sql<{ name: string }>`select current_database() as name`;
    expect((await name.execute(other.kysely)).rows).toEqual((await name.execute(db.kysely)).rows);
    await other.close();
  });
});
