import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane } from '../plane.ts';

const api = '/api/v1/workspaces';
const change = (plane: Plane, id: string, body: unknown) =>
  call(plane.url, plane.ownerToken, 'PATCH', `${api}/${id}`, body);

async function deeds(plane: Plane, id: string) {
  const [events, audit] = await Promise.all([
    plane.db
      .selectFrom('events')
      .select('data')
      .where('workspace_id', '=', id)
      .where('type', '=', 'workspace.updated')
      .execute(),
    plane.db
      .selectFrom('audit')
      .select('data')
      .where('target', '=', id)
      .where('action', '=', 'workspace.change')
      .execute(),
  ]);
  return { events: events.filter(({ data }) => 'changed' in (data as object)).length, audit: audit.length };
}

test(
  verifies(
    ['I6-map-graph', 'I6-panel-settings'],
    'a workspace is renamed, moved and given another place at the root, each with one event and one audit entry',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const [team, member] = [await plane.create('team'), await plane.create('member')];
    expect(await change(plane, member, { parentId: team })).toMatchObject({ status: 200, body: { parentId: team } });
    expect(await change(plane, member, { name: 'renamed' })).toMatchObject({ status: 200, body: { name: 'renamed' } });
    expect(await deeds(plane, member)).toEqual({ events: 2, audit: 2 });
    // The same again changes nothing and leaves no trace.
    expect(await change(plane, member, { name: 'renamed', parentId: team })).toMatchObject({ status: 200 });
    expect(await deeds(plane, member)).toEqual({ events: 2, audit: 2 });
    expect(await change(plane, member, { parentId: null })).toMatchObject({ body: { parentId: plane.concierge } });
    // Only the case of the own name.
    expect(await change(plane, member, { name: 'Renamed' })).toMatchObject({ status: 200, body: { name: 'Renamed' } });
  },
);

test(
  verifies(
    ['I6-map-graph', 'I6-panel-settings', 'B6'],
    'what cannot be is refused with its reason and changes nothing: rings, foreign parents, taken names, unknown runtimes, the root moved',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const [top, middle, low] = [await plane.create('top'), await plane.create('middle'), await plane.create('low')];
    await change(plane, middle, { parentId: top });
    await change(plane, low, { parentId: middle });
    const gone = await plane.create('gone');
    await call(plane.url, plane.ownerToken, 'DELETE', `${api}/${gone}`, { confirmName: 'gone' });
    const cases: [string, unknown, number, string][] = [
      [top, { parentId: low }, 409, 'workspace_cycle'],
      [top, { parentId: top }, 409, 'workspace_cycle'],
      [top, { parentId: gone }, 404, 'parent_not_found'],
      [top, { parentId: plane.orgId }, 404, 'parent_not_found'],
      [top, { name: 'LOW' }, 409, 'workspace_name_taken'],
      [top, { name: ' ' }, 400, 'invalid_request'],
      [top, { runtime: 'no-such-runtime' }, 400, 'runtime_unknown'],
      // All or nothing: the name alone would be fine.
      [top, { name: 'fine', parentId: low }, 409, 'workspace_cycle'],
      [plane.concierge, { parentId: top }, 409, 'concierge_protected'],
      [gone, { name: 'back' }, 410, 'workspace_removed'],
    ];
    for (const [id, body, status, code] of cases)
      expect(await change(plane, id, body), JSON.stringify(body)).toMatchObject({ status, body: { code } });
    expect(await deeds(plane, top)).toEqual({ events: 0, audit: 0 });
    expect((await call(plane.url, plane.ownerToken, 'GET', `${api}/${top}`)).body.name).toBe('top');
  },
);

test(
  verifies('I6-map-graph', 'of moves at the same moment that would make a ring together, one is refused'),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const ids = [await plane.create('one'), await plane.create('two'), await plane.create('three')];
    const answers = await Promise.all(
      ids.map((id, index) => change(plane, id, { parentId: ids[(index + 1) % ids.length] })),
    );
    expect(answers.filter(({ status }) => status === 409).length).toBe(1);
  },
);

test(
  verifies(
    'I6-bad-conflict',
    'the second of two who change the same thing is told what is there now, and nothing is lost',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const [id, team] = [await plane.create('shared'), await plane.create('team')];
    const seen = { name: 'shared', parentId: null, runtime: 'test-runtime' };
    const answers = await Promise.all(
      ['first', 'second'].map((name) => change(plane, id, { name, seen: { name: seen.name } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers.find(({ status }) => status === 200)?.body.name;
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'edit_conflict',
      detail: `The name was changed meanwhile: it is ${winner} now.`,
    });
    // Another field is no conflict.
    expect(await change(plane, id, { parentId: team, seen: { parentId: null } })).toMatchObject({ status: 200 });
    expect(await change(plane, id, { parentId: null, seen: { parentId: null } })).toMatchObject({
      status: 409,
      body: { code: 'edit_conflict', detail: 'The parent was changed meanwhile: it is team now.' },
    });
  },
);

test(
  verifies(
    ['I6-panel-settings', 'B70'],
    'another runtime gets another box with a new generation; one that is paused waits for its resume',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host(undefined, { runtimes: ['test-runtime', 'second-runtime'] });
    const id = await plane.create('movable');
    await host.next('start', id);
    const before = (await call(plane.url, plane.ownerToken, 'GET', `${api}/${id}`)).body.generation;
    expect(await change(plane, id, { runtime: 'second-runtime' })).toMatchObject({
      status: 200,
      body: { runtime: 'second-runtime', status: 'provisioning' },
    });
    expect((await call(plane.url, plane.ownerToken, 'GET', `${api}/${id}`)).body.generation).toBe(before + 1);
    await host.next('stop', id);
    expect(await host.next('start', id)).toMatchObject({ runtime: 'second-runtime' });
    await plane.host(undefined, { runtimes: ['elsewhere'] });
    // Its files are on the first host, which does not have that one.
    expect(await change(plane, id, { runtime: 'elsewhere' })).toMatchObject({
      status: 400,
      body: { code: 'runtime_unknown' },
    });
    await call(plane.url, plane.ownerToken, 'POST', `${api}/${id}/pause`, {});
    expect(await change(plane, id, { runtime: 'test-runtime' })).toMatchObject({
      status: 200,
      body: { runtime: 'test-runtime', status: 'paused' },
    });
  },
);

test(
  verifies(
    ['I3-switch', 'I6-panel-settings'],
    'a preview makes every check and shows the workspace as it would be, and changes nothing',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host(undefined, { runtimes: ['test-runtime', 'second-runtime'] });
    const id = await plane.create('looked-at');
    await host.next('start', id);
    const state = async () => (await call(plane.url, plane.ownerToken, 'GET', `${api}/${id}`)).body;
    const before = await state();
    expect(await change(plane, id, { runtime: 'second-runtime', name: 'other', dryRun: true })).toMatchObject({
      status: 200,
      body: { runtime: 'second-runtime', name: 'other', status: 'provisioning', generation: before.generation + 1 },
    });
    expect(await change(plane, id, { runtime: 'no-such-runtime', dryRun: true })).toMatchObject({
      status: 400,
      body: { code: 'runtime_unknown' },
    });
    expect(await state()).toEqual(before);
    expect(await deeds(plane, id)).toEqual({ events: 0, audit: 0 });
    // The transaction holds no lock any more.
    expect(await change(plane, id, { name: 'renamed' })).toMatchObject({ status: 200 });
  },
);
