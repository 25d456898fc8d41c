import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, newId, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

test(
  verifies('B86', 'a host is told to start what lacks a box, adopts what runs, and stops what should not run'),
  async () => {
    const plane = await startPlane();
    const first = await plane.host();
    const order = await first.next('start', plane.concierge);
    const paused = await plane.create('paused');
    const pausedOrder = await first.next('start', paused);
    first.close();
    await first.ended;
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${paused}/pause`);
    const stranger = { workspaceId: newId(), bootId: newId() };
    const again = await plane.host(plane, {
      hostId: first.hostId,
      running: [order, pausedOrder, stranger].map(
        ({ workspaceId, bootId }) => ({ workspaceId, bootId }) as typeof order,
      ),
    });
    expect(await again.next('stop', paused)).toMatchObject({ bootId: pausedOrder.bootId, wipe: false });
    expect(await again.next('stop', stranger.workspaceId)).toMatchObject({ bootId: stranger.bootId, wipe: false });
    const fresh = await plane.create('fresh');
    await again.next('start', fresh);
    // The concierge was adopted: no order names it.
    // An adopted box is only asked to say how it is.
    expect(again.orders.filter((item) => 'workspaceId' in item && item.workspaceId === plane.concierge)).toEqual([
      { type: 'beat', workspaceId: plane.concierge },
    ]);
    expect(await TestBox.enrol(plane, order)).toMatchObject({ bootId: order.bootId });
  },
);

test(
  verifies('B43', 'what a host no longer runs gets a new boot when it connects, and the old enrolment is void'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const lost = await host.next('start', plane.concierge);
    const again = await plane.host(plane, { hostId: host.hostId });
    await host.ended; // replaced: one stream per host
    const order = await again.next('start', plane.concierge);
    expect(order.bootId).not.toBe(lost.bootId);
    await expect(TestBox.enrol(plane, lost)).rejects.toThrow(/token_revoked|enrolment_invalid/);
    await TestBox.enrol(plane, order);
  },
);

test(verifies('B86', 'a host connected to one replica gets orders for what happens on another'), async () => {
  const plane = await startPlane();
  const other = await plane.replica();
  const host = await plane.host(other);
  await host.next('start', plane.concierge);
  const id = await plane.create('far');
  const order = await host.next('start', id);
  const box = await TestBox.enrol(plane, order);
  await box.register({
    proofs: [{ server: 'a2a', rung: 'live', ok: true, reason: null, evidence: {}, durationMs: 1 }],
  });
  await host.next('work', id); // it is online now: there may be work
  const sent = await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/messages`, { text: 'go' });
  expect(sent.status).toBe(201);
  await host.next('work', id);
  const lease = await box.lease(other);
  await call(plane.url, plane.ownerToken, 'POST', `/api/v1/tasks/${sent.body.taskId}/cancel`);
  expect(await host.next('cancel', id)).toMatchObject({ taskId: sent.body.taskId });
  const running = { taskId: lease.body.taskId, attempt: lease.body.attempt };
  expect((await box.beat({ running }, other)).body.stop).toEqual({ ...running, reason: 'cancelled' });
  await call(plane.url, plane.ownerToken, 'DELETE', `/api/v1/workspaces/${id}`, { confirmName: 'far' });
  expect(await host.next('stop', id)).toMatchObject({ bootId: order.bootId, wipe: true });
});

test(verifies('B86', 'two replicas with a reconnecting host give each workspace one boot that counts'), async () => {
  const plane = await startPlane();
  const other = await plane.replica();
  const host = await plane.host();
  await host.next('start', plane.concierge);
  const again = await plane.host(other, { hostId: host.hostId });
  await host.ended;
  const order = await again.next('start', plane.concierge);
  const row = await plane.db
    .selectFrom('workspaces')
    .select('boot_id')
    .where('id', '=', plane.concierge)
    .executeTakeFirstOrThrow();
  expect(row.boot_id).toBe(order.bootId);
});

test('a runtime that is not there is said so, and tried again when it is', async () => {
  const plane = await startPlane();
  const host = await plane.host(plane, { available: false });
  const state = () =>
    plane.db
      .selectFrom('workspaces')
      .select(['status', 'status_reason', 'status_message'])
      .where('id', '=', plane.concierge)
      .executeTakeFirstOrThrow();
  const row = await until(state, (seen) => seen.status === 'failed');
  expect(row).toMatchObject({
    status_reason: 'runtime_unavailable',
    status_message: expect.stringContaining('not installed'),
  });
  const refused = await call(plane.url, plane.ownerToken, 'POST', '/api/v1/workspaces', {
    name: 'x',
    runtime: 'test-runtime',
  });
  expect(refused).toMatchObject({ status: 409, body: { code: 'runtime_unavailable' } });
  const again = await plane.host(plane, { hostId: host.hostId });
  await again.next('start', plane.concierge);
});

test(verifies('B36', 'a host of another org, or a token that is no host token, gets nothing'), async () => {
  const plane = await startPlane();
  const host = await plane.host();
  await host.next('start', plane.concierge);
  const body = { hostId: host.hostId, hostname: 'x', pid: 1, version: '0', running: [], runtimes: [], isolation: {} };
  expect(await call(plane.url, plane.ownerToken, 'POST', '/api/v1/hosts/connect', body)).toMatchObject({
    status: 403,
    body: { code: 'scope_missing' },
  });
  const foreign = newId();
  await plane.db.insertInto('orgs').values({ id: foreign, name: 'Other' }).execute();
  const token = await mintToken(plane.db, { orgId: foreign, kind: 'host', name: 'host', scopes: ['host:connect'] });
  expect(await call(plane.url, token.value, 'POST', '/api/v1/hosts/connect', body)).toMatchObject({
    status: 409,
    body: { code: 'host_conflict' },
  });
});

test('a workspace waits for its own host, goes to another when that stays away, and at once when somebody restarts it', async () => {
  const plane = await startPlane();
  const first = await plane.host();
  await first.next('start', plane.concierge);
  const id = await plane.create('mover');
  await first.next('start', id);
  first.close();
  await until(
    () => plane.db.selectFrom('hosts').select('connection_id').executeTakeFirstOrThrow(),
    (row) => row.connection_id === null,
  );
  plane.clock.pass(2 * 60_000);
  const second = await plane.host();
  expect(second.orders).toEqual([]);
  await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/restart`);
  await second.next('start', id);
  plane.clock.pass(20 * 60_000);
  const third = await plane.host();
  const fourth = await plane.host(plane, { hostId: second.hostId });
  const taken = await until(
    () =>
      plane.db.selectFrom('workspaces').select('host_id').where('id', '=', plane.concierge).executeTakeFirstOrThrow(),
    (row) => row.host_id !== first.hostId && row.host_id !== null,
  );
  expect([third.hostId, fourth.hostId]).toContain(taken.host_id);
});
