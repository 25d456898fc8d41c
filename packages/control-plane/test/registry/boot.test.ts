import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

const statusOf = async (plane: Awaited<ReturnType<typeof startPlane>>, id: string) =>
  (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${id}`)).body.status;

test(
  verifies(['B36', 'B94', 'T23', 'I2-sup-witness'], 'a concierge boots, is proved over /mcp, and only then is online'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const order = await host.next('start', plane.concierge);
    const box = await TestBox.enrol(plane, order);
    expect(box.orgApiKey).toMatch(/^mol_mgt_/);
    expect(await statusOf(plane, plane.concierge)).toBe('booting');
    // Everything a box can claim, and no witness.
    const claims = {
      mcp_server_present: true,
      mcp_tools_ready: true,
      loaded_mcp_tools: ['mcp__molecule-platform__provision_workspace'],
      proofs: [
        {
          server: 'molecule-platform',
          rung: 'live',
          ok: true,
          reason: null,
          evidence: { tools: ['provision_workspace'] },
          durationMs: 1,
        },
      ],
    };
    expect(await box.register(claims)).toMatchObject({
      status: 200,
      body: { status: 'booting', prove: { reason: 'repair' } },
    });
    expect((await box.beat(claims)).body.status).toBe('booting');
    expect(await box.witnessOverHttp()).toBe(200);
    expect(await statusOf(plane, plane.concierge)).toBe('online');
    expect((await box.beat(claims)).body.status).toBe('online');
  },
);

test(
  verifies(['B36', 'B40'], 'an ordinary box gets no management token and no nonce, and is online when it registers'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('research');
    const box = await TestBox.enrol(plane, await host.next('start', id));
    expect(box.orgApiKey).toBeNull();
    expect(box.nonce).toBeNull();
    const registered = await box.register({
      proofs: [
        {
          server: 'a2a',
          rung: 'live',
          ok: true,
          reason: null,
          evidence: { tools: ['list_peers', 'send_message', 'delegate_task', 'check_task'] },
          durationMs: 1,
        },
      ],
    });
    expect(registered).toMatchObject({ status: 200, body: { status: 'online' } });
  },
);

test(
  verifies(['B4', 'T15', 'I36'], 'an ordinary box that registers as platform is refused, and gains nothing'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('upstart');
    const box = await TestBox.enrol(plane, await host.next('start', id));
    expect(await box.register({ kind: 'platform' })).toMatchObject({ status: 403, body: { code: 'kind_forbidden' } });
    const row = await plane.db
      .selectFrom('workspaces')
      .select(['kind', 'registered_at'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ kind: 'workspace', registered_at: null });
    // A token that belongs to no box cannot register at all.
    expect(
      (
        await call(plane.url, plane.ownerToken, 'POST', '/api/v1/registry/register', {
          bootId: box.bootId,
          generation: 1,
          runtime: 'test-runtime',
          runtimeVersion: null,
          kind: 'platform',
          proofs: [],
        })
      ).status,
    ).toBe(403);
  },
);

test(
  verifies(['B43', 'I2-reg-enrol'], 'an enrolment token works once, also when many try at the same time'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const order = await host.next('start', plane.concierge);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => TestBox.enrol(plane, order)));
    expect(tries.filter((item) => item.status === 'fulfilled')).toHaveLength(1);
    const live = await plane.db
      .selectFrom('tokens')
      .select('kind')
      .where('workspace_id', '=', plane.concierge)
      .where('revoked_at', 'is', null)
      .orderBy('kind')
      .execute();
    expect(live.map((token) => token.kind)).toEqual(['box', 'management']);
  },
);

test(
  verifies(['B43', 'B86'], 'a restart makes the old boot void at once and its tokens void with the new enrolment'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('phoenix');
    const old = await TestBox.enrol(plane, await host.next('start', id));
    await old.register();
    expect((await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/restart`)).status).toBe(200);
    expect(await old.beat()).toMatchObject({ status: 409, body: { code: 'boot_superseded' } });
    expect(await host.next('stop', id)).toMatchObject({ bootId: old.bootId, wipe: false });
    const box = await TestBox.enrol(plane, await host.next('start', id));
    expect(box.bootId).not.toBe(old.bootId);
    await until(
      () => old.beat(),
      (answer) => answer.status === 401,
    );
    expect((await box.register()).status).toBe(200);
  },
);

test(
  verifies(
    ['B88', 'B89', 'T48', 'I2-reg-boot'],
    'boot events are kept once, and the diagnosis is one of them with all four fields',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
    const events = [
      {
        seq: 0,
        step: 'fetch',
        ok: true,
        at: plane.clock.now().toISOString(),
        durationMs: 3,
        code: null,
        message: 'fetched',
        nextStep: null,
        detail: {},
      },
    ];
    expect((await box.post('boot-events', { bootId: box.bootId, events })).status).toBe(204);
    expect((await box.post('boot-events', { bootId: box.bootId, events })).status).toBe(204);
    await box.register();
    const platform_mcp_diag = {
      is_concierge: true,
      legacy_binary_present: false,
      settings_entry_present: false,
      launcher_path: null,
    };
    for (let n = 0; n < 3; n += 1) await box.beat({ platform_mcp_diag });
    const listed = await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}/boot-events`);
    expect(listed.body.items.map((item: { step: string }) => item.step).sort()).toEqual(['fetch', 'platform_mcp_diag']);
    expect(listed.body.items.find((item: { step: string }) => item.step === 'platform_mcp_diag')).toMatchObject({
      ok: false,
      detail: platform_mcp_diag,
    });
  },
);

test(verifies('B79', 'a box whose registration got lost is registered by its beats'), async () => {
  const plane = await startPlane();
  const host = await plane.host();
  const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  await box.witness();
  expect(await statusOf(plane, plane.concierge)).toBe('booting');
  expect((await box.beat({ mcp_server_present: true })).body.status).toBe('online');
});
