import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { verifies } from '@molecule/testkit/verifies';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManagedPostgres, startManagedPostgres } from '../../src/managed/managed-postgres.ts';
import { silentLog, temporaryFolder } from './data-directories.ts';

const dataDir = join(temporaryFolder(), 'postgres');
let server: ManagedPostgres;
let client: pg.Client;

beforeAll(async () => {
  process.env['MOLECULE_MASTER_KEY'] = 'never for the database';
  server = await startManagedPostgres({ dataDir, log: silentLog });
  client = new pg.Client({ ...server.connection });
  await client.connect();
});
afterAll(async () => {
  delete process.env['MOLECULE_MASTER_KEY'];
  await client.end();
  await server.stop();
});

async function setting(name: string): Promise<unknown> {
  return (await client.query('select current_setting($1) as value', [name])).rows[0]?.value;
}

describe('a new managed server', () => {
  test('keeps what makes commits durable', async () => {
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']) {
      expect(await setting(name), name).toBe('on');
    }
  });

  test(verifies('I2-pg-collation', 'compares text as C.UTF-8'), async () => {
    const { rows } = await client.query(
      `select pg_encoding_to_char(encoding) as encoding, coalesce(to_jsonb(d)->>'datlocale', datcollate) as locale
       from pg_database d where datname = current_database()`,
    );
    expect(rows).toEqual([{ encoding: 'UTF8', locale: 'C.UTF-8' }]);
    const upper = await client.query(`select upper('é') as letter, 'Z' < 'a' as by_code`);
    expect(upper.rows).toEqual([{ letter: 'É', by_code: true }]);
  });

  test(verifies('I2-pg-socket', 'listens on a private Unix socket and on no port'), async () => {
    expect(await setting('listen_addresses')).toBe('');
    expect(statSync(server.socketDirectory).mode & 0o777).toBe(0o700);
  });

  test('asks for the password even on the socket', async () => {
    const stranger = new pg.Client({ ...server.connection, password: 'guess' });
    await expect(stranger.connect()).rejects.toThrow(/password/);
  });

  test(verifies('I2-pg-root', 'does not run as root and knows none of our environment'), () => {
    const own = process.geteuid?.() ?? 0;
    const { uid } = statSync(`/proc/${server.pid}`);
    expect(uid).not.toBe(0);
    if (own !== 0) expect(uid).toBe(own);
    expect(readFileSync(`/proc/${server.pid}/environ`, 'utf8')).not.toContain('never for the database');
  });

  test('keeps the password from other users', () => {
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'server.log'), 'utf8')).not.toContain(server.connection.password);
  });

  test(verifies('I2-pg-one', 'a second start in this process is refused with its process id'), async () => {
    await expect(startManagedPostgres({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'data_dir_locked',
      params: { pid: process.pid },
    });
  });
});

describe('stop and start again', () => {
  test(
    verifies('I2-pg-managed', 'stop leaves no process, no socket and no lock; the next start finds the data'),
    async () => {
      await client.query('create table kept (n int)');
      await client.query('insert into kept values (42)');
      await client.end();
      const { pid } = server;
      await Promise.all([server.stop(), server.stop()]);
      expect(isRunning(pid)).toBe(false);
      expect(readdirSync(server.socketDirectory)).toEqual([]);
      expect(readdirSync(join(dataDir, 'lock'))).toEqual([]);
      expect(existsSync(join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false);

      server = await startManagedPostgres({ dataDir, log: silentLog });
      client = new pg.Client({ ...server.connection });
      await client.connect();
      expect(server.adopted).toBe(false);
      expect((await client.query('select n from kept')).rows).toEqual([{ n: 42 }]);
    },
  );

  test('stop does not wait for a session that sits in a transaction', async () => {
    await client.query('begin');
    client.on('error', () => {}); // the server ends it
    await server.stop();
    expect(isRunning(server.pid)).toBe(false);
    server = await startManagedPostgres({ dataDir, log: silentLog });
    client = new pg.Client({ ...server.connection });
    await client.connect();
  });

  test('an aborted start leaves nothing behind and can be repeated', async () => {
    const folder = join(temporaryFolder(), 'aborted');
    const abort = new AbortController();
    const starting = startManagedPostgres({ dataDir: folder, log: silentLog, signal: abort.signal });
    setTimeout(() => abort.abort(), 150);
    await expect(starting).rejects.toThrow(/abort/i);
    expect(readdirSync(folder).filter((name) => name.startsWith('cluster'))).toEqual([]);
    expect(readdirSync(join(folder, 'lock'))).toEqual([]);
    const again = await startManagedPostgres({ dataDir: folder, log: silentLog });
    expect(again.adopted).toBe(false);
    await again.stop();
  });
});
