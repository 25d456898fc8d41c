import { ENROLMENT_TIMEOUT_MS, HEARTBEAT_INTERVAL_MS, WARM_UP_MS } from '@molecule/domain';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { sweepSilence } from '../../src/registry/sweeper.ts';
import { type Plane, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import { beat, calmFleet } from './fleet.ts';

const EARLY = new Date(0);
const sweep = (plane: Plane, watchingSince = EARLY) =>
  sweepSilence(plane.plane.services, {
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    watchingSince,
    now: plane.clock.now(),
  });
const stateOf = async (plane: Plane, id: string) => {
  const row = await plane.db
    .selectFrom('workspaces')
    .select(['status', 'status_reason'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return `${row.status} ${row.status_reason ?? ''}`.trim();
};

test(verifies('I38', 'a box that misses three heartbeats is offline, and its next beat brings it back'), async () => {
  const plane = await startPlane();
  const [box, well] = await calmFleet(plane, 2);
  if (box === undefined || well === undefined) throw new Error('no box');
  plane.clock.pass(2 * HEARTBEAT_INTERVAL_MS);
  await sweep(plane);
  expect(await stateOf(plane, box.workspaceId)).toBe('online');
  await beat(plane, well);
  plane.clock.pass(HEARTBEAT_INTERVAL_MS + 1_000);
  await sweep(plane);
  expect(await stateOf(plane, box.workspaceId)).toBe('offline heartbeat_lost');
  expect(await stateOf(plane, well.workspaceId)).toBe('online');
  expect((await beat(plane, box)).body.status).toBe('online');
});

test(verifies('I38', 'nobody is judged for a time in which nobody was watching'), async () => {
  const plane = await startPlane();
  const [box] = await calmFleet(plane, 1);
  if (box === undefined) throw new Error('no box');
  plane.clock.pass(60 * 60_000);
  await sweep(plane, plane.clock.now());
  expect(await stateOf(plane, box.workspaceId)).toBe('online');
});

test(
  verifies('I38', 'no state without a bound: a boot nobody takes, one that never enrols, one that never registers'),
  async () => {
    const plane = await startPlane();
    const lonely = await plane.create('lonely').catch(() => ''); // no host has been seen: refused by name
    expect(lonely).toBe('');
    plane.clock.pass(ENROLMENT_TIMEOUT_MS + 1_000);
    await sweep(plane);
    expect(await stateOf(plane, plane.concierge)).toBe('failed no_host');
    // The first host takes it all the same.
    const host = await plane.host();
    await host.next('start', plane.concierge);
    expect(await stateOf(plane, plane.concierge)).toBe('provisioning');
    plane.clock.pass(ENROLMENT_TIMEOUT_MS + 1_000);
    await sweep(plane);
    expect(await stateOf(plane, plane.concierge)).toBe('failed enrolment_timeout');
    // The host has given no sign of life in that time either: it connects again, which renews a boot that does not run.
    const again = await plane.host(plane, { hostId: host.hostId });
    const box = await TestBox.enrol(plane, await again.next('start', plane.concierge));
    plane.clock.pass(WARM_UP_MS + 1_000);
    await plane.db
      .updateTable('workspaces')
      .set({ last_heartbeat_at: plane.clock.now() })
      .where('id', '=', box.workspaceId)
      .execute();
    await sweep(plane);
    expect(await stateOf(plane, plane.concierge)).toBe('failed boot_timeout');
  },
);

test(verifies('I38', 'when its host goes, a workspace is offline after the grace, not before'), async () => {
  const plane = await startPlane();
  const host = await plane.host();
  const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  await box.witness();
  await box.register();
  host.close();
  await until(
    () => plane.db.selectFrom('hosts').select('connection_id').executeTakeFirstOrThrow(),
    (row) => row.connection_id === null,
  );
  await sweep(plane);
  expect(await stateOf(plane, plane.concierge)).toBe('online');
  plane.clock.pass(16_000);
  await sweep(plane);
  expect(await stateOf(plane, plane.concierge)).toBe('offline host_lost');
});

test(verifies('I38', 'replicas that sweep at the same time change each workspace once'), async () => {
  const plane = await startPlane();
  const fleet = await calmFleet(plane, 20);
  plane.clock.pass(4 * HEARTBEAT_INTERVAL_MS);
  const changed = await Promise.all(Array.from({ length: 4 }, () => sweep(plane)));
  changed.push(await sweep(plane));
  expect(changed.reduce((sum, n) => sum + n, 0)).toBe(fleet.length + 1); // and the concierge, which no host has taken
  const events = await plane.db
    .selectFrom('events')
    .select('workspace_id')
    .where('type', '=', 'workspace.status')
    .where(
      'workspace_id',
      'in',
      fleet.map((box) => box.workspaceId),
    )
    .execute();
  expect(events).toHaveLength(fleet.length);
});
