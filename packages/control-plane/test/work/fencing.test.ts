import { TASK_LEASE_MS } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { expireLeases, pruneEndedTurns } from '../../src/work/expire-leases.ts';
import { call } from '../plane.ts';
import { beat } from '../registry/fleet.ts';
import { TestBox } from '../test-box.ts';
import { type WorkingBox, workingBox } from './working-box.ts';

async function loseLease(work: WorkingBox): Promise<void> {
  work.plane.clock.pass(TASK_LEASE_MS + 1_000);
  await expireLeases(work.plane.plane.services, work.plane.clock.now());
}
const streamed = async (work: WorkingBox, taskId: string) =>
  (
    await work.plane.db
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'turn.events')
      .where('task_id', '=', taskId)
      .orderBy('id')
      .execute()
  ).flatMap(({ data }) =>
    (data['events'] as { text: string }[]).map((event) => `${String(data['attempt'])}${event.text}`),
  );
const text = (...words: string[]) => words.map((word) => ({ type: 'text', text: word }));

test(verifies('B86', 'simultaneous leases on two replicas give one task once, and one task at a time'), async () => {
  const work = await workingBox();
  const other = await work.plane.replica();
  await work.send('a');
  await work.send('b');
  const leases = await Promise.all(Array.from({ length: 10 }, (_, n) => work.lease(n % 2 === 0 ? work.plane : other)));
  expect(leases.filter((lease) => lease.status === 200)).toHaveLength(1);
  expect(leases.filter((lease) => lease.status === 204)).toHaveLength(9);
});

test(
  verifies('B86', 'an attempt that lost its lease is fenced off: its events and its result are refused'),
  async () => {
    const work = await workingBox();
    const sent = await work.send('slow');
    const id = sent.body.taskId;
    await work.lease();
    await loseLease(work);
    expect((await work.get(`tasks/${id}`)).body).toMatchObject({ status: 'queued', attempt: 1 });
    expect((await beat(work.plane, work.box, { running: { taskId: id, attempt: 1 } })).body.stop).toEqual({
      taskId: id,
      attempt: 1,
      reason: 'lost',
    });
    expect((await work.lease()).body).toMatchObject({ taskId: id, attempt: 2 });
    expect(await work.events(id, 1, 0, text('late'))).toMatchObject({ status: 409, body: { code: 'task_not_leased' } });
    expect((await work.result(id, 1, { text: 'old' })).body).toEqual({
      accepted: false,
      status: 'running',
      next: null,
    });
    expect((await work.result(id, 2, { text: 'new' })).body).toEqual({
      accepted: true,
      status: 'completed',
      next: null,
    });
    expect((await work.get(`tasks/${id}`)).body.result).toBe('new');
  },
);

test(
  verifies('B86', 'a result that a box kept over the loss of its lease counts while no later attempt was leased'),
  async () => {
    const work = await workingBox();
    const id = (await work.send('kept')).body.taskId;
    await work.lease();
    await loseLease(work);
    expect((await work.result(id, 1, { text: 'kept on disk' })).body).toEqual({
      accepted: true,
      status: 'completed',
      next: null,
    });
    expect((await work.lease()).status).toBe(204);
  },
);

test(
  verifies('B86', 'a result is accepted once and every repeat gets the same answer, also on another replica'),
  async () => {
    const work = await workingBox();
    const other = await work.plane.replica();
    const id = (await work.send('x')).body.taskId;
    await work.lease();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => work.result(id, 1, { text: `v${n}` }, n % 2 === 0 ? work.plane : other)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body)))).toEqual(
      new Set(['{"accepted":true,"status":"completed","next":null}']),
    );
    const ended = await work.plane.db
      .selectFrom('events')
      .select('id')
      .where('type', '=', 'task.ended')
      .where('task_id', '=', id)
      .execute();
    expect(ended).toHaveLength(1);
  },
);

test(
  verifies('I2-kill-chaos', 'a turn that ended as cancelled although nobody cancelled it is attempted again'),
  async () => {
    const work = await workingBox();
    const id = (await work.send('slow')).body.taskId;
    await work.lease();
    const ended = await work.result(id, 1, { ok: false, text: '', failure: 'cancelled' });
    expect(ended.body).toMatchObject({ accepted: true, status: 'queued' });
    expect((await work.lease()).body).toMatchObject({ taskId: id, attempt: 2 });
  },
);

test('streamed events are deduplicated by their index, and the result makes good what was lost', async () => {
  const work = await workingBox();
  const id = (await work.send('x')).body.taskId;
  await work.lease();
  await work.events(id, 1, 0, text('a', 'b'));
  await work.events(id, 1, 0, text('a', 'b'));
  await work.events(id, 1, 1, text('b', 'c'));
  await work.result(id, 1, { events: text('a', 'b', 'c', 'd') });
  expect(await streamed(work, id)).toEqual(['1a', '1b', '1c', '1d']);
  expect(await pruneEndedTurns(work.plane.plane.services, work.plane.clock.now())).toBe(0);
  work.plane.clock.pass(10 * 60_000);
  expect(await pruneEndedTurns(work.plane.plane.services, work.plane.clock.now())).toBe(3);
});

test('heartbeats and events renew a lease', async () => {
  const work = await workingBox();
  const id = (await work.send('long')).body.taskId;
  await work.lease();
  for (let n = 0; n < 4; n += 1) {
    work.plane.clock.pass(TASK_LEASE_MS - 5_000);
    if (n % 2 === 0)
      expect((await beat(work.plane, work.box, { running: { taskId: id, attempt: 1 } })).body.stop).toBeNull();
    else expect((await work.events(id, 1, n, text('.'))).body).toEqual({ cancel: false });
    await expireLeases(work.plane.plane.services, work.plane.clock.now());
  }
  expect((await work.get(`tasks/${id}`)).body).toMatchObject({ status: 'running', attempt: 1 });
});

test('a task whose box is lost again and again fails as lost, with advice, and can be retried once', async () => {
  const work = await workingBox();
  const id = (await work.send('doomed')).body.taskId;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    expect((await work.lease()).body.attempt).toBe(attempt);
    await loseLease(work);
  }
  expect((await work.get(`tasks/${id}`)).body).toMatchObject({
    status: 'failed',
    failure: 'lost',
    advice: expect.stringContaining('doctor'),
  });
  expect((await work.result(id, 5)).body).toEqual({ accepted: false, status: 'failed', next: null });
  const retry = () => call(work.plane.url, work.plane.ownerToken, 'POST', `/api/v1/tasks/${id}/retry`);
  const [one, two] = [await retry(), await retry()];
  expect(one).toMatchObject({ status: 201, body: { status: 'queued', prompt: 'doomed' } });
  expect(two.body.id).toBe(one.body.id);
});

test('a queued task is cancelled at once, a running one by its box, an ended one not at all', async () => {
  const work = await workingBox();
  const cancel = (id: string) => call(work.plane.url, work.plane.ownerToken, 'POST', `/api/v1/tasks/${id}/cancel`);
  const running = (await work.send('r')).body.taskId;
  const queued = (await work.send('q')).body.taskId;
  await work.lease();
  expect((await cancel(queued)).body.status).toBe('cancelled');
  expect((await cancel(running)).body.status).toBe('running');
  expect((await work.events(running, 1, 0, text('.'))).body).toEqual({ cancel: true });
  expect((await work.result(running, 1, { ok: false, text: '', failure: 'cancelled' })).body).toEqual({
    accepted: true,
    status: 'cancelled',
    next: null,
  });
  expect((await cancel(running)).body.status).toBe('cancelled');
  expect((await work.lease()).status).toBe(204);
});

test(
  verifies(
    'B86',
    'a new boot takes over what the old one was at work on, and what that one still delivers counts until then',
  ),
  async () => {
    const work = await workingBox();
    const { plane, box } = work;
    const id = (await work.send('over a restart')).body.taskId;
    await work.lease();
    const host = await plane.host(); // runs nothing, so the box at work is void
    const next = await TestBox.enrol(plane, await host.next('start', box.workspaceId));
    expect((await work.get(`tasks/${id}`)).body).toMatchObject({ status: 'queued', attempt: 1 });
    // The new box finds the old one's result on the disk and hands it in under its own token.
    expect((await next.result(id, 1, { text: 'from the outbox' })).body).toEqual({
      accepted: true,
      status: 'completed',
      next: null,
    });
    expect((await work.get(`tasks/${id}`)).body).toMatchObject({ status: 'completed', result: 'from the outbox' });
  },
);
