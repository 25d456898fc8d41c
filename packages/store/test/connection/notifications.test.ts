import { testDatabase } from '@molecule/testkit/database';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/connection/database.ts';

describe('listen', () => {
  test('hears its channels and only those, until it is closed', async () => {
    const { db } = await testDatabase({ migrated: false });
    const heard: string[] = [];
    const first = await db.listen(
      'Events',
      (payload) => heard.push(`1 ${payload}`),
      () => {},
    );
    await db.listen(
      'Events',
      (payload) => heard.push(`2 ${payload}`),
      () => {},
    );
    await sql`select pg_notify('Events', 'a'), pg_notify('other', 'b')`.execute(db.kysely);
    await expect.poll(() => heard).toEqual(['1 a', '2 a']);
    await first.close();
    await sql`select pg_notify('Events', 'c')`.execute(db.kysely);
    await expect.poll(() => heard).toEqual(['1 a', '2 a', '2 c']);
  });

  test('comes back after its connection was cut, and says that something may have been missed', async () => {
    const { config, db: other } = await testDatabase({ migrated: false });
    const losses: Error[] = [];
    const db = openDatabase<unknown>({
      ...config,
      applicationName: 'listener',
      onConnectionLoss: (error) => losses.push(error),
    });
    const heard: string[] = [];
    let gaps = 0;
    await db.listen(
      'events',
      (payload) => heard.push(payload),
      () => {
        gaps += 1;
      },
    );
    for (const round of [1, 2]) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener'`.execute(
        other.kysely,
      );
      await expect.poll(() => gaps).toBe(round);
      await sql`select pg_notify('events', ${`after ${round}`})`.execute(other.kysely);
      await expect.poll(() => heard.at(-1)).toBe(`after ${round}`); // the next cut could lose it
    }
    expect(heard).toEqual(['after 1', 'after 2']);
    expect(losses).toHaveLength(2);
    await db.close();
  });

  test('takes no connection when nobody listens, one for all channels, and none after close', async () => {
    const { config, db: other } = await testDatabase({ migrated: false });
    const db = openDatabase<unknown>({ ...config, applicationName: 'counted' });
    const count = async () =>
      (
        await sql<{ n: number }>`select count(*) as n from pg_stat_activity where application_name = 'counted'`.execute(
          other.kysely,
        )
      ).rows[0]?.n;
    expect(await count()).toBe(0);
    await Promise.all(
      ['a', 'b', 'c'].map((channel) =>
        db.listen(
          channel,
          () => {},
          () => {},
        ),
      ),
    );
    expect(await count()).toBe(1);
    await db.close();
    await expect.poll(count).toBe(0);
    await expect(
      db.listen(
        'a',
        () => {},
        () => {},
      ),
    ).rejects.toThrow();
  });
});
