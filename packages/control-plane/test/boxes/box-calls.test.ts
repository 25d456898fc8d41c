import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Replica, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import { personOf, running } from './running-box.ts';

const REPLY = { ok: true, value: { items: [], next: null } } as const;

const list = (on: Replica, token: string, id: string) => call(on.url, token, 'GET', `/api/v1/workspaces/${id}/files`);

test(
  verifies(
    'I6-panel-files',
    'a question reaches the box over the replica that holds its line, and the answer the one that asked; each is given out once',
  ),
  async () => {
    const plane = await startPlane();
    const { host, id, box } = await running(plane);
    const other = await plane.replica();
    const token = await personOf(plane, ['files:read']);
    const asked = list(other, token, id);
    const { callId } = await host.next('call', id);
    const stranger = await TestBox.enrol(plane, await host.next('start', await plane.create('stranger')));
    expect((await stranger.post(`calls/${callId}/take`, {})).status).toBe(409);
    expect((await box.post(`calls/${callId}/take`, {})).body).toEqual({
      type: 'files.list',
      path: '',
      after: null,
      limit: 500,
    });
    expect((await box.post(`calls/${callId}/take`, {})).status).toBe(409);
    expect((await stranger.post(`calls/${callId}/reply`, REPLY)).body).toEqual({ waitedFor: false });
    expect((await box.post(`calls/${callId}/reply`, REPLY)).body).toEqual({ waitedFor: true });
    expect(await asked).toEqual({ status: 200, body: { items: [], nextCursor: null } });
    expect(await plane.db.selectFrom('box_calls').selectAll().execute()).toEqual([]);
  },
);

test(
  verifies(
    'I6-panel-files',
    'what the box refuses reaches the person with its code; what it may not say becomes no answer',
  ),
  async () => {
    const plane = await startPlane();
    const { host, id, box } = await running(plane);
    const token = await personOf(plane, ['files:read']);
    const asked = list(plane, token, id);
    const { callId } = await host.next('call', id);
    await box.post(`calls/${callId}/take`, {});
    expect((await box.post(`calls/${callId}/reply`, { ok: false, code: 'made_up', params: {} })).status).toBe(400);
    await box.post(`calls/${callId}/reply`, {
      ok: false,
      code: 'file_refused',
      params: { path: 'a', detail: 'a link' },
    });
    expect((await asked).body).toMatchObject({ code: 'file_refused', detail: 'The path a cannot be used: a link' });
  },
);

test(verifies('I6-panel-files', 'reading and writing need their own scopes, and a change is on record'), async () => {
  const plane = await startPlane();
  const { host, id, box } = await running(plane);
  const body = { path: 'notes.md', content: 'hello', expected: null };
  const put = (token: string) => call(plane.url, token, 'PUT', `/api/v1/workspaces/${id}/files/content`, body);
  expect((await list(plane, await personOf(plane, ['work:read']), id)).body.code).toBe('scope_missing');
  expect((await put(await personOf(plane, ['files:read']))).body.code).toBe('scope_missing');
  expect(host.orders.filter(({ type }) => type === 'call')).toEqual([]);
  const writing = put(await personOf(plane, ['files:write']));
  const { callId } = await host.next('call', id);
  expect((await box.post(`calls/${callId}/take`, {})).body).toEqual({
    type: 'files.write',
    path: 'notes.md',
    content: Buffer.from('hello').toString('base64'),
    expected: null,
  });
  const written = { path: 'notes.md', size: 5, etag: 'e', modifiedAt: new Date().toISOString() };
  await box.post(`calls/${callId}/reply`, { ok: true, value: written });
  expect((await writing).body).toEqual(written);
  const audit = await plane.db
    .selectFrom('audit')
    .select(['action', 'target'])
    .where('action', '=', 'file.write')
    .execute();
  expect(audit).toEqual([{ action: 'file.write', target: id }]);
});

test(verifies('I6-panel-files', 'a box that rests or is away is said so in words'), { timeout: 60_000 }, async () => {
  const plane = await startPlane();
  const { host, id } = await running(plane);
  const token = await personOf(plane, ['files:read']);
  host.close();
  await host.ended;
  expect((await list(plane, token, id)).body).toMatchObject({ code: 'box_unreachable', status: 503 });
  await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/pause`);
  expect((await list(plane, token, id)).body).toMatchObject({
    code: 'box_not_running',
    detail: 'The workspace research is paused: its box does not run.',
  });
});
