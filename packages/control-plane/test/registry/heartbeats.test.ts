import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane, until } from '../plane.ts';
import { beat, calmFleet, learn } from './fleet.ts';

/** Transactions that wrote the rows of the fleet as they are now; other tests on the same server do not count. */
async function writersOf(plane: Plane): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(distinct xmin::text)::int as n from workspaces where kind = 'workspace'`.execute(plane.db);
  return rows[0]?.n ?? 0;
}
const lastBeats = async (plane: Plane) =>
  (await plane.db.selectFrom('workspaces').select('last_heartbeat_at').where('status', '=', 'online').execute()).map(
    (row) => row.last_heartbeat_at?.getTime() ?? 0,
  );

test(
  verifies('B79', '200 boxes that beat at the same time and change nothing cost a few transactions together'),
  async () => {
    const plane = await startPlane();
    const fleet = await calmFleet(plane, 200);
    await learn(plane, [plane], fleet);
    plane.clock.pass(20_000);
    const from = plane.clock.now().getTime();
    const answers = await Promise.all(fleet.map((box) => beat(plane, box)));
    expect(answers.every((answer) => answer.status === 200 && answer.body.status === 'online')).toBe(true);
    await until(
      () => lastBeats(plane),
      (times) => times.every((time) => time >= from),
    );
    expect(await writersOf(plane)).toBeLessThanOrEqual(10);
  },
);

test(
  verifies('B79', 'a change that was acknowledged is stored, in batches, also when 200 arrive at once'),
  async () => {
    const plane = await startPlane();
    const fleet = await calmFleet(plane, 200);
    await learn(plane, [plane], fleet);
    const answers = await Promise.all(
      fleet.map((box, n) => beat(plane, box, { loaded_mcp_tools: [`mcp__a2a__tool${n}`] })),
    );
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const spent = await writersOf(plane);
    const rows = await plane.db
      .selectFrom('workspaces')
      .select(['id', 'self_report'])
      .where('status', '=', 'online')
      .execute();
    const stored = new Map(rows.map((row) => [row.id, row.self_report]));
    for (const [n, box] of fleet.entries()) {
      expect(stored.get(box.workspaceId)).toMatchObject({ loaded_mcp_tools: [`mcp__a2a__tool${n}`] });
    }
    expect(spent).toBeLessThan(100);
  },
);

test(
  verifies(
    ['B8', 'I25'],
    'a beat that changes the verdict is applied before it is answered, and back by the same rule',
  ),
  async () => {
    const plane = await startPlane();
    const [box] = await calmFleet(plane, 1);
    if (box === undefined) throw new Error('no box');
    await beat(plane, box);
    await beat(plane, box);
    const sick = await beat(plane, box, {
      configuration_status: 'not_configured',
      configuration_reason: 'no such provider',
    });
    expect(sick.body.status).toBe('degraded');
    const shown = await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${box.workspaceId}`);
    expect(shown.body).toMatchObject({
      status: 'degraded',
      statusReason: 'not_configured',
      signals: { responsiveness: { status: 'failed', message: 'no such provider' } },
    });
    expect((await beat(plane, box)).body.status).toBe('online');
  },
);

test(verifies('B79', 'two replicas that take the beats of one box in turn lose no change'), async () => {
  const plane = await startPlane();
  const other = await plane.replica();
  const [box] = await calmFleet(plane, 1);
  if (box === undefined) throw new Error('no box');
  const stored = async () =>
    (
      await plane.db
        .selectFrom('workspaces')
        .select('self_report')
        .where('id', '=', box.workspaceId)
        .executeTakeFirstOrThrow()
    ).self_report['loaded_mcp_tools'];
  await learn(plane, [plane, other], [box], { loaded_mcp_tools: ['a'] });
  await beat(plane, box, { loaded_mcp_tools: ['b'] });
  expect(await stored()).toEqual(['b']);
  // The other replica knows the box with report a: what it answers from memory is compared with what is stored, and made good.
  await beat(other, box, { loaded_mcp_tools: ['a'] });
  await until(stored, (tools) => JSON.stringify(tools) === '["a"]');
});

test(
  verifies('B79', 'a beat answered from memory while the batch before it is written is stored as well'),
  async () => {
    const plane = await startPlane();
    const other = await plane.replica();
    const [box] = await calmFleet(plane, 1);
    if (box === undefined) throw new Error('no box');
    const say = (replica: typeof other, tool: string) => beat(replica, box, { loaded_mcp_tools: [tool] });
    await learn(plane, [plane, other], [box], { loaded_mcp_tools: ['a'] });
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = plane.db.transaction().execute(async (trx) => {
      await trx.selectFrom('workspaces').select('id').where('id', '=', box.workspaceId).forUpdate().execute();
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const blocked = async () =>
      (
        await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(plane.db)
      ).rows[0]?.n ?? 0;
    // The other replica's batch waits behind the lock, then this one's change behind the batch.
    await say(other, 'a');
    await until(blocked, (n) => n === 1);
    const changed = say(plane, 'b');
    await until(blocked, (n) => n === 2);
    await say(other, 'a');
    release.resolve();
    await Promise.all([held, changed]);
    const stored = async () =>
      (
        await plane.db
          .selectFrom('workspaces')
          .select('self_report')
          .where('id', '=', box.workspaceId)
          .executeTakeFirstOrThrow()
      ).self_report['loaded_mcp_tools'];
    await until(stored, (tools) => JSON.stringify(tools) === '["a"]');
  },
);

test(
  verifies('B86', 'a box learns of a change made on another replica: another generation, a pause, a new boot'),
  async () => {
    const plane = await startPlane();
    const other = await plane.replica();
    const [box, second] = await calmFleet(plane, 2);
    if (box === undefined || second === undefined) throw new Error('no box');
    for (let n = 0; n < 3; n += 1) await beat(plane, box);
    await plane.db.updateTable('workspaces').set({ generation: 7 }).where('id', '=', box.workspaceId).execute();
    await until(
      () => beat(plane, box),
      (answer) => answer.body.generation === 7,
    );
    await call(other.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${box.workspaceId}/restart`);
    await until(
      () => beat(plane, box),
      (answer) => answer.body.code === 'boot_superseded',
    );
    await call(other.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${second.workspaceId}/pause`);
    await until(
      () => beat(plane, second),
      (answer) => answer.status === 401,
    );
  },
);

test(verifies('B79', 'connections to the database that break lose nothing that was acknowledged'), async () => {
  const plane = await startPlane();
  const fleet = await calmFleet(plane, 20);
  for (let n = 0; n < 2; n += 1) await Promise.all(fleet.map((box) => beat(plane, box)));
  for (let round = 0; round < 5; round += 1) {
    const beats = fleet.map((box) => beat(plane, box, { loaded_mcp_tools: [`mcp__a2a__round${round}`] }));
    const killing =
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
        .execute(plane.db)
        .catch(() => undefined);
    const answers = await Promise.all(beats);
    await killing;
    expect(answers.filter((answer) => answer.status !== 200).every((answer) => answer.status === 503)).toBe(true);
    const rows = await until(
      () =>
        plane.db
          .selectFrom('workspaces')
          .select(['id', 'self_report'])
          .execute()
          .catch(() => []),
      (found) => found.length > 0,
    );
    const stored = new Map(rows.map((row) => [row.id, JSON.stringify(row.self_report['loaded_mcp_tools'])]));
    fleet.forEach((box, n) => {
      if (answers[n]?.status === 200)
        expect(stored.get(box.workspaceId)).toBe(JSON.stringify([`mcp__a2a__round${round}`]));
    });
  }
  await until(
    () => beat(plane, fleet[0] ?? { workspaceId: '', bootId: '', apiKey: '' }),
    (answer) => answer.status === 200,
  );
});
