import { newId } from '@molecule/contracts';
import { verifyAudit } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { call, startPlane, until } from '../plane.ts';

const api = '/api/v1/workspaces';

test(
  verifies(
    ['I2-bad-names', 'I2-bad-parent', 'B22'],
    'what cannot be made is refused with its reason, and leaves no row, event or declaration',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const strangerOrg = newId();
    await plane.db.insertInto('orgs').values({ id: strangerOrg, name: 'stranger' }).execute();
    const stranger = newId();
    await plane.db
      .insertInto('workspaces')
      .values({ id: stranger, org_id: strangerOrg, name: 's', runtime: 'test-runtime', created_by: 'test' })
      .execute();
    await plane.create('taken');
    const before = await plane.db
      .selectFrom('events')
      .select((eb) => eb.fn.countAll().as('n'))
      .executeTakeFirstOrThrow();
    const cases: [Record<string, unknown>, number, string][] = [
      [{ name: 'a', runtime: 'no-such-runtime' }, 400, 'runtime_unknown'],
      [{ name: 'a', runtime: 'test-runtime', template: 'no-such' }, 400, 'template_unknown'],
      [{ name: 'a', runtime: 'test-runtime', template: 'platform-agent' }, 409, 'concierge_exists'],
      [{ name: 'a', runtime: 'test-runtime', model: 'nobody/nothing' }, 400, 'model_invalid'],
      [{ name: 'TAKEN', runtime: 'test-runtime' }, 409, 'workspace_name_taken'],
      [{ name: 'a', runtime: 'test-runtime', parentId: stranger }, 404, 'parent_not_found'],
      [{ name: ' a', runtime: 'test-runtime' }, 400, 'invalid_request'],
      [{ name: '', runtime: 'test-runtime' }, 400, 'invalid_request'],
    ];
    for (const [body, status, code] of cases)
      expect(await call(plane.url, plane.ownerToken, 'POST', api, body), JSON.stringify(body)).toMatchObject({
        status,
        body: { code },
      });
    const rows = await plane.db.selectFrom('workspaces').select('name').where('org_id', '=', plane.orgId).execute();
    expect(rows.map((row) => row.name).sort()).toEqual(['Concierge', 'taken']);
    const after = await plane.db
      .selectFrom('events')
      .select((eb) => eb.fn.countAll().as('n'))
      .where('type', '<>', 'workspace.status')
      .executeTakeFirstOrThrow();
    expect(Number(after.n)).toBeLessThanOrEqual(Number(before.n));
  },
);

test(
  verifies('I2-bad-names', 'of two requests for one name at the same moment exactly one makes a workspace'),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        call(plane.url, plane.ownerToken, 'POST', api, { name: 'twin', runtime: 'test-runtime' }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array(7).fill(409)]);
  },
);

test(
  verifies(['B6', 'T47'], 'the concierge cannot be paused or removed, over HTTP or by raw SQL, and keeps its kind'),
  async () => {
    const plane = await startPlane();
    const path = `${api}/${plane.concierge}`;
    expect(await call(plane.url, plane.ownerToken, 'POST', `${path}/pause`, {})).toMatchObject({
      status: 409,
      body: { code: 'concierge_protected' },
    });
    expect(await call(plane.url, plane.ownerToken, 'DELETE', path, { confirmName: 'Concierge' })).toMatchObject({
      status: 409,
      body: { code: 'concierge_protected' },
    });
    await expect(
      plane.db.updateTable('workspaces').set({ status: 'removed' }).where('id', '=', plane.concierge).execute(),
    ).rejects.toThrow('cannot be removed');
    await expect(
      plane.db.updateTable('workspaces').set({ kind: 'workspace' }).where('id', '=', plane.concierge).execute(),
    ).rejects.toThrow('cannot change');
  },
);

test(
  verifies('I2-mcp-confirm', 'removal needs the exact name, ends the box and its tokens, and frees the name'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('short-lived');
    const start = await host.next('start', id);
    expect(
      await call(plane.url, plane.ownerToken, 'DELETE', `${api}/${id}`, { confirmName: 'short lived' }),
    ).toMatchObject({ status: 400, body: { code: 'workspace_name_mismatch' } });
    expect(
      await call(plane.url, plane.ownerToken, 'DELETE', `${api}/${id}`, { confirmName: 'short-lived' }),
    ).toMatchObject({ status: 200, body: { status: 'removed' } });
    expect(await host.next('stop', id)).toMatchObject({ bootId: start.bootId, wipe: true });
    const live = await plane.db
      .selectFrom('tokens')
      .select('id')
      .where('workspace_id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    expect(live).toEqual([]);
    await plane.create('short-lived');
  },
);

test(
  verifies(
    'B21',
    'the concierge declares the management plugin, an ordinary workspace never does, and both have the peers',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const id = await plane.create('plain');
    const names = async (workspace: string) =>
      await plane.db
        .selectFrom('workspace_declared_plugins')
        .select(['name', 'privileged', 'protected'])
        .where('workspace_id', '=', workspace)
        .orderBy('name')
        .execute();
    expect(await names(plane.concierge)).toEqual([
      { name: 'a2a', privileged: false, protected: true },
      { name: 'molecule-platform-mcp', privileged: true, protected: true },
    ]);
    expect(await names(id)).toEqual([{ name: 'a2a', privileged: false, protected: true }]);
  },
);

test(
  verifies(['I2-schema-audit', 'B31'], 'deeds are in the audit log, which verifies, and a changed row is found'),
  async () => {
    const plane = await startPlane();
    await plane.host();
    await plane.create('audited');
    const actions = (await plane.db.selectFrom('audit').select('action').orderBy('seq').execute()).map(
      (row) => row.action,
    );
    expect(actions).toEqual(expect.arrayContaining(['org.create', 'plugin.grant', 'workspace.create']));
    expect(await verifyAudit(plane.db, plane.orgId)).toMatchObject({ brokenAt: null });
    await expect(plane.db.updateTable('audit').set({ actor: 'nobody' }).where('seq', '=', 2).execute()).rejects.toThrow(
      'append-only',
    );
    // Somebody with the rights of the table's owner could still do it; the chain shows it.
    await sql`alter table audit disable trigger audit_append_only`.execute(plane.db);
    await plane.db.updateTable('audit').set({ actor: 'nobody' }).where('seq', '=', 2).execute();
    expect(await verifyAudit(plane.db, plane.orgId)).toMatchObject({ brokenAt: 2 });
  },
);

test('a pause keeps the workspace without a box until it is resumed', async () => {
  const plane = await startPlane();
  const host = await plane.host();
  const id = await plane.create('sleeper');
  const first = await host.next('start', id);
  await call(plane.url, plane.ownerToken, 'POST', `${api}/${id}/pause`, {});
  await host.next('stop', id);
  expect(await call(plane.url, plane.ownerToken, 'POST', `${api}/${id}/restart`, {})).toMatchObject({
    status: 409,
    body: { code: 'transition_illegal' },
  });
  expect((await call(plane.url, plane.ownerToken, 'POST', `${api}/${id}/resume`, {})).body.status).toBe('provisioning');
  const second = await host.next('start', id);
  expect(second.bootId).not.toBe(first.bootId);
  await until(
    async () => (await call(plane.url, plane.ownerToken, 'GET', `${api}/sleeper`)).body.status,
    (status) => status === 'provisioning',
  );
});
