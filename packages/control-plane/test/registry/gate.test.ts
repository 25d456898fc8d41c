import { PLATFORM_MCP_MISSING } from '@molecule/contracts';
import { REPAIR_INTERVAL_MS } from '@molecule/domain';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

async function bootedConcierge(): Promise<{ plane: Plane; box: TestBox }> {
  const plane = await startPlane();
  const host = await plane.host();
  return { plane, box: await TestBox.enrol(plane, await host.next('start', plane.concierge)) };
}
const eventsOf = async (plane: Plane, type: string) =>
  plane.db
    .selectFrom('events')
    .select('data')
    .where('type', '=', type)
    .where('workspace_id', '=', plane.concierge)
    .orderBy('id')
    .execute();

test(
  verifies(
    ['B80', 'B81', 'T21'],
    'a concierge without the management server is refused at registration and on heartbeats, and stored as failed',
  ),
  async () => {
    const { plane, box } = await bootedConcierge();
    const refused = await box.register({ mcp_server_present: false });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: PLATFORM_MCP_MISSING, hint: expect.stringContaining('Repair') },
    });
    const row = await plane.db
      .selectFrom('workspaces')
      .select(['status', 'status_reason'])
      .where('id', '=', plane.concierge)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ status: 'failed', status_reason: PLATFORM_MCP_MISSING });
    expect((await box.beat({ mcp_server_present: false })).body.status).toBe('failed');
    expect(await eventsOf(plane, 'gate.refused')).toHaveLength(1);
    // Refused, it gets no work either.
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/messages`, {
      text: 'hello',
    });
    expect((await box.lease()).status).toBe(204);
  },
);

test(
  verifies(
    ['B85', 'T42', 'I28', 'I2-reg-gate'],
    'a refused concierge gets exactly one repair in 30 s, and recovers by its proof without a restart',
  ),
  async () => {
    const { plane, box } = await bootedConcierge();
    await box.register({ mcp_server_present: false });
    const beats = await Promise.all(Array.from({ length: 10 }, () => box.beat({ mcp_server_present: false })));
    const orders = beats.flatMap((beat) => (beat.body.prove === null ? [] : [beat.body.prove]));
    expect(orders).toEqual([{ proofNonce: expect.any(String), reason: 'repair' }]);
    plane.clock.pass(REPAIR_INTERVAL_MS);
    const again = await box.beat({ mcp_server_present: false });
    expect(again.body.prove).toMatchObject({ reason: 'repair' });
    await box.witness(again.body.prove.proofNonce);
    // The box still says no: its word alone can lower it.
    expect((await box.beat({ mcp_server_present: false })).body.status).toBe('failed');
    expect((await box.beat({ mcp_server_present: true })).body.status).toBe('online');
  },
);

test(
  verifies(['B84', 'T41', 'I16', 'I2-reg-tristate'], 'a box of an old version that reports nothing is not refused'),
  async () => {
    const { box } = await bootedConcierge();
    await box.witness();
    expect(await box.register()).toMatchObject({ status: 200, body: { status: 'online' } });
  },
);

test(
  verifies(
    ['T23', 'B39', 'I2-sup-witness'],
    'a nonce counts once, for its own boot and server, and a made-up one not at all',
  ),
  async () => {
    const { plane, box } = await bootedConcierge();
    await box.register();
    await expect(box.witness('made-up')).rejects.toMatchObject({ code: 'proof_nonce_invalid' });
    await box.witness();
    await expect(box.witness()).rejects.toMatchObject({ code: 'proof_nonce_invalid' });
    // What a box reports as witnessed is stored as its own word.
    const forged = {
      server: 'molecule-platform',
      rung: 'parsed',
      ok: true,
      reason: null,
      evidence: { witnessed: true },
      durationMs: null,
      witnessed: true,
    };
    await box.beat({ proofs: [forged] });
    const rows = await plane.db
      .selectFrom('proofs')
      .select(['rung', 'witnessed'])
      .where('workspace_id', '=', plane.concierge)
      .orderBy('rung')
      .execute();
    expect(rows).toEqual([
      { rung: 'live', witnessed: true },
      { rung: 'parsed', witnessed: false },
    ]);
  },
);

test(
  verifies(['T22', 'B82', 'T23'], 'what an ordinary box says about the management server changes nothing'),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('plain');
    const box = await TestBox.enrol(plane, await host.next('start', id));
    const a2a = [{ server: 'a2a', rung: 'live', ok: true, reason: null, evidence: {}, durationMs: 1 }];
    expect((await box.register({ mcp_server_present: false, proofs: a2a })).body.status).toBe('online');
    expect((await box.beat({ mcp_server_present: true, mcp_tools_ready: true })).body.status).toBe('online');
    const tokens = await plane.db
      .selectFrom('tokens')
      .select('kind')
      .where('workspace_id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    expect(tokens).toEqual([{ kind: 'box' }]);
  },
);

test(verifies(['I38', 'I40'], 'an event exists exactly when the row changed, and says what is stored'), async () => {
  const { plane, box } = await bootedConcierge();
  await box.register();
  await box.witness();
  for (let n = 0; n < 5; n += 1) await box.beat();
  const statuses = (await eventsOf(plane, 'workspace.status')).map(
    ({ data }) => `${String(data['from'])}→${String(data['to'])}`,
  );
  expect(statuses).toEqual(['provisioning→booting', 'booting→online']);
  const shown = await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}`);
  expect(shown.body).toMatchObject({
    status: 'online',
    signals: { capability: { status: 'ok' }, responsiveness: { status: 'ok' } },
  });
});

test(verifies('B95', 'readiness explains each rung, and who saw it'), async () => {
  const { plane, box } = await bootedConcierge();
  const rendered = {
    server: 'molecule-platform',
    rung: 'rendered',
    ok: false,
    reason: 'differs',
    evidence: { file: 'x' },
    durationMs: 2,
  };
  await box.register({ proofs: [rendered] });
  const before = (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}/readiness`))
    .body;
  const server = before.servers.find((item: { server: string }) => item.server === 'molecule-platform');
  expect(server.rungs.map((rung: { rung: string; state: string }) => `${rung.rung} ${rung.state}`)).toEqual([
    'declared passed',
    'delivered pending',
    'rendered failed',
    'parsed pending',
    'live pending',
    'used pending',
  ]);
  expect(before.summary).toMatchObject({ able: false, nextStep: expect.stringContaining('repair') });
  await box.witness();
  await box.beat({ proofs: [{ ...rendered, ok: true, reason: null }] });
  const after = (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}/readiness`))
    .body;
  expect(after.servers.find((item: { server: string }) => item.server === 'molecule-platform').rungs[4]).toMatchObject({
    state: 'passed',
    witnessed: true,
  });
  expect(after.summary.able).toBe(true);
});
