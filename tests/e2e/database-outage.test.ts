import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnline, startTestInstallation, type TestInstallation, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation();
});
afterAll(() => house?.dispose());

test(
  verifies(
    ['I2-bad-database', 'I2-cp-health'],
    'while the database is down requests get a catalogue error with a hint, and are served again when it is back',
  ),
  async () => {
    const [postmaster = 0] = house.pids('postgres');
    process.kill(postmaster, 'SIGSTOP'); // keeps the supervision from putting a new one in its place at once
    house.kill('postgres');
    const refused = await until(
      'a refusal',
      () => house.http<{ code: string; hint: string }>('POST', '/api/v1/workspaces', { name: 'while-down' }),
      ({ status }) => status === 503 || status === 201,
    );
    if (refused.status === 503)
      expect(refused.body).toMatchObject({ code: 'database_unavailable', hint: expect.stringMatching(/./) });
    await until(
      'it is ready again',
      () => house.http('GET', '/readyz', undefined, { token: null }).then(({ status }) => status),
      (status) => status === 200,
    );
    expect(house.pids('postgres')).not.toEqual([postmaster]);
    await createOnline(house, 'after');
    const log = readFileSync(join(house.dataDir, 'logs', 'control-plane.log'), 'utf8');
    expect(log).toContain('ended unexpectedly');
  },
);

test(
  verifies('I2-bad-database', 'a database without space refuses a write with its own code, and nothing of it is there'),
  async () => {
    const database = house.openDatabase();
    try {
      // PostgreSQL's own error for a full disk, raised where a workspace would be written.
      await sql`create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`.execute(
        database.kysely,
      );
      await sql`create trigger full_disk after insert on workspaces for each row execute function full_disk()`.execute(
        database.kysely,
      );
      // Of the deed alone: the concierge may still be coming back from the outage, with events of its own.
      const count = async (): Promise<unknown> =>
        (
          await sql`select (select count(*) from workspaces) as w, (select count(*) from events where type = 'workspace.created') as e, (select count(*) from audit where action = 'workspace.create') as a`.execute(
            database.kysely,
          )
        ).rows;
      const before = await count();
      const refused = await house.http<{ code: string; hint: string }>('POST', '/api/v1/workspaces', {
        name: 'no-room',
      });
      expect(refused).toMatchObject({
        status: 507,
        body: { code: 'database_full', hint: expect.stringContaining('Free disk space') },
      });
      expect(await count()).toEqual(before);
      await sql`drop trigger full_disk on workspaces`.execute(database.kysely);
      expect((await house.http('POST', '/api/v1/workspaces', { name: 'no-room' })).status).toBe(201);
    } finally {
      await database.close();
    }
  },
);
