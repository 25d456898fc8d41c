import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '@molecule/testkit/database';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrate/migrate.ts';
import { readMigrationFiles } from '../../src/migrate/migration-file.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function migrations(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-migrations-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.sql`), text);
  return folder;
}

const ONE = 'create table first (n int); insert into first values (1);';
const TWO = 'create table second (n int);';

async function tables({ db }: TestDatabase): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'molecule_migrations' order by 1`.execute(
    db.kysely,
  );
  return rows.map((row) => row.name);
}

describe('migrate', () => {
  test(verifies('I2-pg-migrate', 'runs what is new, in order, and nothing twice'), async () => {
    const database = await testDatabase({ migrated: false });
    const { address } = database.config;
    expect(await migrate({ address, directory: migrations({ '0001_one': ONE }) })).toEqual(['0001_one']);
    const both = migrations({ '0001_one': ONE, '0002_two': TWO });
    expect(await migrate({ address, directory: both })).toEqual(['0002_two']);
    expect(await migrate({ address, directory: both })).toEqual([]);
    expect(await tables(database)).toEqual(['first', 'second']);
  });

  test(
    verifies('I2-pg-migrate', 'of six processes at once one runs them, the others wait and find them done'),
    async () => {
      const database = await testDatabase({ migrated: false });
      const directory = migrations({ '0001_one': `${ONE} select pg_sleep(0.1);`, '0002_two': TWO });
      const results = await Promise.all(Array.from({ length: 6 }, () => migrate({ ...database.config, directory })));
      expect(results.map((names) => names.length).sort()).toEqual([0, 0, 0, 0, 0, 2]);
    },
  );

  test(verifies('I2-pg-migrate', 'keeps nothing of one that fails, and the ones before it'), async () => {
    const database = await testDatabase({ migrated: false });
    const directory = migrations({ '0001_one': ONE, '0002_two': `${TWO} insert into nowhere values (1);` });
    await expect(migrate({ ...database.config, directory })).rejects.toMatchObject({
      code: 'migration_failed',
      params: { migration: '0002_two', detail: expect.stringContaining('relation "nowhere" does not exist') },
    });
    expect(await tables(database)).toEqual(['first']);
    const mended = migrations({ '0001_one': ONE, '0002_two': TWO });
    expect(await migrate({ ...database.config, directory: mended })).toEqual(['0002_two']);
  });

  test('refuses one that ends its own transaction', async () => {
    const database = await testDatabase({ migrated: false });
    const directory = migrations({ '0001_one': 'create table first (n int); commit;' });
    await expect(migrate({ ...database.config, directory })).rejects.toMatchObject({
      params: { detail: 'it ended its own transaction' },
    });
  });

  test.each<[string, Record<string, string>]>([
    ['was changed', { '0001_one': `${ONE} -- harmless?`, '0002_two': TWO }],
    ['was renamed', { '0001_uno': ONE, '0002_two': TWO }],
    ['changed places', { '0001_two': TWO, '0002_one': ONE }],
  ])('refuses the files when an applied one %s', async (_title, files) => {
    const database = await testDatabase({ migrated: false });
    const { address } = database.config;
    await migrate({ address, directory: migrations({ '0001_one': ONE, '0002_two': TWO }) });
    await expect(migrate({ address, directory: migrations(files) })).rejects.toMatchObject({
      code: 'migration_changed',
      params: { migration: '0001_one' },
    });
  });

  test('does not mind line ends', async () => {
    const database = await testDatabase({ migrated: false });
    const { address } = database.config;
    await migrate({ address, directory: migrations({ '0001_one': `${ONE}\n${TWO}\n` }) });
    expect(await migrate({ address, directory: migrations({ '0001_one': `${ONE}\r\n${TWO}\r\n` }) })).toEqual([]);
  });

  test(verifies('I2-pg-migrate', 'refuses a database of a newer version, and says which'), async () => {
    const database = await testDatabase({ migrated: false });
    const { address } = database.config;
    await migrate({ address, directory: migrations({ '0001_one': ONE, '0002_two': TWO }) });
    await expect(migrate({ address, directory: migrations({ '0001_one': ONE }) })).rejects.toMatchObject({
      code: 'data_dir_newer',
      params: { found: '0002_two', have: '0001_one' },
    });
  });

  test('a killed migrator blocks nobody', async () => {
    const database = await testDatabase({ migrated: false });
    const directory = migrations({ '0001_one': `${ONE} select pg_sleep(20);` });
    const killed = migrate({ ...database.config, directory });
    const victims = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'molecule migrate' and query like '%pg_sleep%' and datname = current_database()
            and pid <> pg_backend_pid()`.execute(database.db.kysely);
    const failed = expect(killed).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect.poll(async () => (await victims()).rows.length).toBe(1);
    await failed;
    expect(await tables(database)).toEqual([]);
    expect(await migrate({ ...database.config, directory: migrations({ '0001_one': ONE }) })).toEqual(['0001_one']);
  });

  test(verifies('I2-bad-database', 'a database that cannot be reached is said so'), async () => {
    await expect(migrate({ address: { url: 'postgresql://u:p@/d?host=/nowhere/at/all' } })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

describe('the files', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a gap', { '0001_one': ONE, '0003_three': TWO }, '0003_three'],
    ['a number used twice', { '0001_one': ONE, '0001_uno': TWO }, '0001_uno'],
    ['a start other than one', { '0002_two': TWO }, '0002_two'],
    ['a name without a number', { '0001_one': ONE, readme: TWO }, 'readme'],
  ])('with %s are refused', (_title, files, migration) => {
    expect(() => readMigrationFiles(migrations(files))).toThrow(
      expect.objectContaining({ code: 'migration_failed', params: expect.objectContaining({ migration }) }),
    );
  });

  test('of this package are in order', () => {
    expect(readMigrationFiles()[0]?.name).toMatch(/^0001_/);
  });
});
