import { TASK_LEASE_MS } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { expireLeases } from '../../src/work/expire-leases.ts';
import { workingBox } from './working-box.ts';

test(
  verifies('I2-sup-lease', 'the answer to a result brings the next task to a box that is free, and to no other'),
  async () => {
    const work = await workingBox();
    const [one, two, three] = [await work.send('one'), await work.send('two'), await work.send('three')].map(
      (sent): string => sent.body.taskId,
    );
    await work.lease();
    const first = await work.result(one ?? '', 1, { next: true, sessionId: 's-1' });
    expect(first.body).toMatchObject({
      accepted: true,
      status: 'completed',
      next: { taskId: two, attempt: 1, prompt: 'two' },
    });
    expect((await work.result(two ?? '', 1)).body).toEqual({ accepted: true, status: 'completed', next: null });
    expect((await work.get(`tasks/${three}`)).body.status).toBe('queued');
    expect((await work.lease()).body.taskId).toBe(three);
    expect((await work.result(three ?? '', 1, { next: true })).body.next).toBeNull();
  },
);

test(
  verifies('I2-sup-lease', 'a result that is reported again leases nothing twice, also on another replica'),
  async () => {
    const work = await workingBox();
    const other = await work.plane.replica();
    const [one, two] = [await work.send('one'), await work.send('two')].map((sent): string => sent.body.taskId);
    await work.lease();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => work.result(one ?? '', 1, { next: true }, n % 2 === 0 ? work.plane : other)),
    );
    expect(answers.map(({ body }) => body.accepted)).toEqual(Array.from({ length: 6 }, () => true));
    expect(answers.flatMap(({ body }) => (body.next === null ? [] : [body.next.taskId]))).toEqual([two]);
    expect((await work.get(`tasks/${two}`)).body).toMatchObject({ status: 'running', attempt: 1 });
  },
);

test(
  verifies('I2-sup-lease', 'an attempt that was interrupted is followed by the next one of the same task'),
  async () => {
    const work = await workingBox();
    const id: string = (await work.send('twice')).body.taskId;
    await work.lease();
    const lost = { ok: false, text: '', failure: 'lost', message: 'away', next: true };
    expect((await work.result(id, 1, lost)).body).toMatchObject({
      accepted: true,
      status: 'queued',
      next: { taskId: id, attempt: 2 },
    });
    // The first attempt is fenced off; what overtakes the second brings its box nothing.
    work.plane.clock.pass(TASK_LEASE_MS + 1_000);
    await expireLeases(work.plane.plane.services, work.plane.clock.now());
    expect((await work.lease()).body).toMatchObject({ taskId: id, attempt: 3 });
    expect((await work.result(id, 2, { next: true })).body).toEqual({ accepted: false, status: 'running', next: null });
  },
);
