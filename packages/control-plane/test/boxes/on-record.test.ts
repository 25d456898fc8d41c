import { HEARTBEAT_INTERVAL_MS } from '@molecule/domain';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { sweepSilence } from '../../src/registry/sweeper.ts';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import { personOf, running } from './running-box.ts';

const entries = (plane: Plane, action: string) =>
  plane.db.selectFrom('audit').select(['target', 'data']).where('action', '=', action).orderBy('seq').execute();

test(verifies('I6-panel-files', 'a change that is refused is on record, whoever refuses it'), async () => {
  const plane = await startPlane();
  const { host, id, box } = await running(plane);
  const files = `/api/v1/workspaces/${id}/files`;
  const writer = await personOf(plane, ['files:write']);
  const reader = await personOf(plane, ['files:read']);

  const write = { path: 'keys', content: 'x', expected: null };
  const asked = call(plane.url, writer, 'PUT', `${files}/content`, write);
  const { callId } = await host.next('call', id);
  await box.post(`calls/${callId}/take`, {});
  await box.post(`calls/${callId}/reply`, {
    ok: false,
    code: 'file_refused',
    params: { path: 'keys', detail: 'it is a link' },
  });
  expect((await asked).body.code).toBe('file_refused');
  expect((await call(plane.url, writer, 'DELETE', `${files}?path=`)).body.code).toBe('file_refused');
  expect((await call(plane.url, reader, 'PUT', `${files}/content`, write)).body.code).toBe('scope_missing');
  expect((await call(plane.url, writer, 'GET', files)).body.code).toBe('scope_missing');

  expect(await entries(plane, 'file.refused')).toEqual([
    { target: id, data: { attempted: 'file.write', path: 'keys', bytes: 1, code: 'file_refused' } },
    { target: id, data: { attempted: 'file.remove', path: '', code: 'file_refused' } },
    {
      target: id,
      data: { attempted: 'PUT /api/v1/workspaces/:id/files/content', code: 'scope_missing', scope: 'files:write' },
    },
  ]);
});

/** Opens a terminal; the box says that it did. */
async function openTerminal(plane: Plane, { host, id, box }: Awaited<ReturnType<typeof running>>) {
  const token = await personOf(plane, ['terminal:use']);
  const asked = call(plane.url, token, 'POST', `/api/v1/workspaces/${id}/terminals`, { cols: 80, rows: 24 });
  const { callId } = await host.next('call', id);
  const { body } = await box.post(`calls/${callId}/take`, {});
  const opened = { id: body.id, openedBy: body.by, openedAt: new Date().toISOString(), cols: 80, rows: 24 };
  await box.post(`calls/${callId}/reply`, { ok: true, value: opened });
  expect((await asked).body.id).toBe(body.id);
  return { terminalId: body.id as string, openedBy: body.by as string };
}

const sweep = (plane: Plane) =>
  sweepSilence(plane.plane.services, {
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    watchingSince: new Date(0),
    now: plane.clock.now(),
  });

test(
  verifies('I6-panel-terminal', 'the end of a terminal whose box host was killed comes on record, once'),
  async () => {
    const plane = await startPlane();
    const house = await running(plane);
    const told = await openTerminal(plane, house);
    const lost = await openTerminal(plane, house);
    const { terminalId, openedBy } = told;
    await house.box.post(`terminals/${terminalId}/ended`, { openedBy, reason: 'exited' });
    // Killed and started again: the host knows nothing of the box, which gets a new boot.
    house.host.close();
    await house.host.ended;
    const again = await plane.host(plane, { hostId: house.host.hostId });
    const box = await TestBox.enrol(plane, await again.next('start', house.id));
    expect((await box.register()).status).toBe(200);
    await sweep(plane);
    // The old box may still tell of it.
    expect(await entries(plane, 'terminal.close')).toHaveLength(1);
    plane.clock.pass(16_000);
    await sweep(plane);
    plane.clock.pass(16_000);
    await sweep(plane);
    expect(await entries(plane, 'terminal.close')).toEqual([
      { target: house.id, data: { ...told, reason: 'exited' } },
      { target: house.id, data: { ...lost, reason: 'box_lost' } },
    ]);
    const events = await plane.db.selectFrom('events').select('data').where('type', '=', 'terminal.closed').execute();
    expect(events).toHaveLength(2);
  },
);

test(
  verifies('I6-panel-terminal', 'when the host stays away, the end comes on record with the loss of the box'),
  async () => {
    const plane = await startPlane();
    const house = await running(plane);
    const lost = await openTerminal(plane, house);
    house.host.close();
    await house.host.ended;
    for (let pass = 0; pass < 3; pass += 1) {
      plane.clock.pass(3 * HEARTBEAT_INTERVAL_MS + 16_000);
      await sweep(plane);
    }
    expect(await entries(plane, 'terminal.close')).toEqual([
      { target: house.id, data: { ...lost, reason: 'box_lost' } },
    ]);
  },
);

test(verifies('I6-panel-terminal', 'a terminal that is refused is on record as that, and is not open'), async () => {
  const plane = await startPlane();
  const { host, id, box } = await running(plane);
  const terminals = `/api/v1/workspaces/${id}/terminals`;
  const token = await personOf(plane, ['terminal:use']);
  const asked = call(plane.url, token, 'POST', terminals, { cols: 80, rows: 24 });
  const { callId } = await host.next('call', id);
  const taken = await box.post(`calls/${callId}/take`, {});
  const params = { detail: 'there are too many', nextStep: 'Close one.' };
  await box.post(`calls/${callId}/reply`, { ok: false, code: 'terminal_refused', params });
  expect((await asked).body.code).toBe('terminal_refused');
  const outsider = await personOf(plane, ['files:read']);
  expect((await call(plane.url, outsider, 'POST', terminals, { cols: 80, rows: 24 })).body.code).toBe('scope_missing');
  expect(await entries(plane, 'terminal.refused')).toEqual([
    { target: id, data: { terminalId: taken.body.id, code: 'terminal_refused' } },
    {
      target: id,
      data: { attempted: 'POST /api/v1/workspaces/:id/terminals', code: 'scope_missing', scope: 'terminal:use' },
    },
  ]);
  expect(await plane.db.selectFrom('open_terminals').select('id').execute()).toEqual([]);
});
