import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

const api = (plane: Plane, method: string, path: string, body?: unknown) =>
  call(plane.url, plane.ownerToken, method, `/api/v1${path}`, body);

/** A workspace that is online, with its box. */
async function worker(plane: Plane): Promise<TestBox> {
  const host = await plane.host();
  const id = await plane.create('worker');
  const box = await TestBox.enrol(plane, await host.next('start', id));
  await box.register({
    proofs: [{ server: 'a2a', rung: 'live', ok: true, reason: null, evidence: { tools: [] }, durationMs: 1 }],
  });
  await until(
    async () => (await api(plane, 'GET', `/workspaces/${id}`)).body.status,
    (status) => status === 'online',
  );
  return box;
}

async function ask(plane: Plane, box: TestBox, text: string): Promise<string> {
  const made = await api(plane, 'POST', `/workspaces/${box.workspaceId}/messages`, { text });
  return made.body.taskId;
}

test(
  verifies(
    ['I5-budget-login', 'I5-budget-units', 'I5-budget-first', 'I5-usage'],
    'turns are limited at their lease, from the first one on and whoever pays for the tokens; the refused task says why',
  ),
  async () => {
    const plane = await startPlane();
    // A login of the runtime's own: not one token of it passes the gateway.
    await plane.db
      .updateTable('settings')
      .set({ value: JSON.stringify({ runtime: 'test-runtime', model: null, modelAccess: 'direct' }) })
      .where('key', '=', `org.${plane.orgId}`)
      .execute();
    const box = await worker(plane);
    await api(plane, 'POST', '/budgets', {
      scope: { kind: 'workspace', id: box.workspaceId },
      unit: 'turns',
      limit: 1,
      period: 'day',
    });
    const first = await ask(plane, box, 'one');
    const second = await ask(plane, box, 'two');
    const lease = await box.lease();
    expect(lease.body).toMatchObject({ taskId: first, attempt: 1 });
    plane.clock.pass(90_000);
    await box.result(first, 1, { usage: { inputTokens: 300, outputTokens: 40, cachedTokens: 100 } });
    expect((await box.lease()).status).toBe(204);
    const refused = (await api(plane, 'GET', `/tasks/${second}`)).body;
    expect(refused).toMatchObject({
      status: 'failed',
      failure: 'quota',
      failureMessage: expect.stringContaining('budget of 1 turns per day'),
    });
    const usage = (await api(plane, 'GET', `/usage?taskId=${first}`)).body;
    expect(usage.total).toMatchObject({ turns: 1, inputTokens: 300, outputTokens: 40, cachedTokens: 100 });
    expect(usage.total.minutes).toBeGreaterThanOrEqual(1.5);
  },
);

test(
  verifies(
    ['I5-budget-units', 'I5-budget-login'],
    'minutes bound the deadline of a turn, and are charged with what it took',
  ),
  async () => {
    const plane = await startPlane();
    const box = await worker(plane);
    await api(plane, 'POST', '/budgets', { scope: { kind: 'org' }, unit: 'minutes', limit: 10, period: 'total' });
    const first = await ask(plane, box, 'one');
    expect((await box.lease()).body).toMatchObject({ taskId: first, deadlineMs: 600_000 });
    plane.clock.pass(240_000);
    await box.beat({ running: { taskId: first, attempt: 1 } });
    await box.result(first, 1);
    const second = await ask(plane, box, 'two');
    const lease = (await box.lease()).body;
    expect(lease.taskId).toBe(second);
    expect(lease.deadlineMs).toBeLessThanOrEqual(360_000);
    expect(lease.deadlineMs).toBeGreaterThan(340_000);
  },
);
