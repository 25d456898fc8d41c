import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type DesiredState, MANAGEMENT_SERVER_NAME, PLATFORM_MCP_MISSING } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/index.ts';
import { call, type Plane, type PlaneOptions, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import type { TestHost } from '../test-host.ts';

interface House {
  readonly plane: Plane;
  readonly host: TestHost;
  readonly box: TestBox;
  desired(): Promise<DesiredState>;
  status(): Promise<{
    readonly status: string;
    readonly status_reason: string | null;
    readonly boot_id: string | null;
  }>;
}

async function concierge(options: PlaneOptions = {}): Promise<House> {
  const plane = await startPlane(options);
  const host = await plane.host();
  const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  return {
    plane,
    host,
    box,
    desired: async () => (await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state')).body,
    status: () =>
      plane.db
        .selectFrom('workspaces')
        .select(['status', 'status_reason', 'boot_id'])
        .where('id', '=', plane.concierge)
        .executeTakeFirstOrThrow(),
  };
}
const signals = async ({ plane }: House) =>
  (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}`)).body.signals;

test(verifies('B90', 'each decision of the gate is logged under one name, with what it was decided on'), async () => {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { plane, box } = await concierge({ log: createLogger('info', stream) });
  const lines = (): Record<string, unknown>[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ name }) => name === 'platform-agent.identity');
  await box.register({ mcp_server_present: false, mcp_tools_ready: false });
  expect(lines().at(-1)).toMatchObject({
    msg: 'gate: refusing to mark online (fail-closed)',
    workspaceId: plane.concierge,
    bootId: box.bootId,
    statusBefore: 'booting',
    status: 'failed',
    able: false,
    gate: PLATFORM_MCP_MISSING,
    mcpServerPresent: false,
    mcpToolsReady: false,
    live: [],
  });
  await box.witness();
  await box.beat({ mcp_server_present: true });
  expect(lines().at(-1)).toMatchObject({
    statusBefore: 'failed',
    status: 'online',
    able: true,
    gate: null,
    mcpServerPresent: true,
    mcpToolsReady: null,
    live: [{ server: MANAGEMENT_SERVER_NAME, ok: true, witnessed: true, reason: null }],
  });
});

test(verifies('B105', 'work that comes before readiness waits for it, and then finds the tools there'), async () => {
  const { plane, box, status } = await concierge();
  await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/messages`, { text: 'early' });
  expect((await box.lease()).status).toBe(204);
  await box.register();
  expect((await status()).status).toBe('booting');
  expect((await box.lease()).status).toBe(204);
  await box.witness();
  await box.beat();
  expect((await status()).status).toBe('online');
  expect(await box.lease()).toMatchObject({ status: 200, body: { attempt: 1 } });
});

const DIAGNOSES = [
  ['the launcher of the old delivery alone', { legacy_binary_present: true, settings_entry_present: false }],
  ['an entry alone', { legacy_binary_present: false, settings_entry_present: true }],
  ['neither', { legacy_binary_present: false, settings_entry_present: false }],
] as const;

test.each(DIAGNOSES)(
  verifies(
    ['T20', 'B76', 'I5', 'B88'],
    'a box that reports itself present by %s is not refused; what the control plane saw decides',
  ),
  async (_by, found) => {
    const { box, status } = await concierge();
    const report = {
      mcp_server_present: true,
      platform_mcp_diag: { is_concierge: true, launcher_path: null, ...found },
    };
    expect(await box.register(report)).toMatchObject({ status: 200, body: { status: 'booting' } });
    await box.witness();
    expect((await box.beat(report)).body.status).toBe('online');
    expect((await status()).status).toBe('online');
  },
);

test(
  verifies('I2', 'model, tools and persona are asked for one by one, and each that is missing is named'),
  async () => {
    const house = await concierge();
    const { box, desired, status } = house;
    const { identity, model, servers } = await desired();
    expect(identity.text.length).toBeGreaterThan(100);
    expect(model.kind).toBe('gateway');
    expect(servers.find(({ name }) => name === MANAGEMENT_SERVER_NAME)?.requiredTools).toContain('provision_workspace');
    // A file was delivered and a server configured, but no tool was seen: nothing is concluded from files.
    await box.register({ identity_digest: identity.digest, mcp_server_present: true });
    expect((await status()).status).toBe('booting');
    await box.witness();
    // Another text than the one that was sent, as when something else writes the same file.
    await box.beat({ identity_digest: 'sha256:a-stub' });
    expect(await status()).toMatchObject({ status: 'degraded', status_reason: 'identity_differs' });
    await box.beat({ identity_digest: identity.digest, configuration_status: 'not_configured' });
    expect(await status()).toMatchObject({ status: 'degraded', status_reason: 'not_configured' });
    await box.beat({ identity_digest: identity.digest });
    expect((await status()).status).toBe('online');
    expect(Object.values(await signals(house)).map((signal) => (signal as { status: string }).status)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  },
);

test(
  verifies('I35', 'a new name of the concierge neither restarts nor degrades it, and it takes the name up'),
  async () => {
    const house = await concierge();
    const { plane, host, box, desired, status } = house;
    const before = (await desired()).identity;
    await box.witness();
    await box.register({ identity_digest: before.digest });
    const orders = host.orders.length;
    const renamed = await call(plane.url, plane.ownerToken, 'PATCH', `/api/v1/workspaces/${plane.concierge}`, {
      name: 'Somebody else',
    });
    expect(renamed.status).toBe(200);
    // The box still says what it was told before.
    const told = await box.beat({ identity_digest: before.digest });
    expect(told.body).toMatchObject({ status: 'online', generation: 2 });
    expect((await signals(house)).identity).toMatchObject({ status: 'unknown', reason: 'identity_on_its_way' });
    const after = (await desired()).identity;
    expect(after.text).toContain('Somebody else');
    expect((await box.beat({ identity_digest: after.digest, generation: 2 })).body.status).toBe('online');
    expect((await signals(house)).identity).toMatchObject({ status: 'ok' });
    // Once it says that it has the new one, another text is another text.
    await box.beat({ identity_digest: before.digest, generation: 2 });
    expect(await status()).toMatchObject({
      status: 'degraded',
      status_reason: 'identity_differs',
      boot_id: box.bootId,
    });
    expect(host.orders.slice(orders).filter(({ type }) => type === 'start' || type === 'stop')).toEqual([]);
  },
);

test(verifies('I39', 'a box that says yes and no by turns is repaired at most, never restarted'), async () => {
  const { plane, host, box, status } = await concierge();
  await box.witness();
  await box.register({ mcp_server_present: true });
  const orders = host.orders.length;
  const repairs: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    plane.clock.pass(36_000);
    const no = await box.beat({ mcp_server_present: false, mcp_tools_ready: false });
    if (no.body.prove !== null) repairs.push(no.body.prove.reason);
    await box.beat({ mcp_server_present: true });
  }
  expect(new Set(repairs)).toEqual(new Set(['repair']));
  expect(await status()).toMatchObject({ status: 'online', boot_id: box.bootId });
  expect(host.orders.slice(orders).filter(({ type }) => type === 'start' || type === 'stop')).toEqual([]);
});

test(
  verifies(
    'I14',
    'the model is there before the gate asks, whatever of the template has reached the box; none is refused by name',
  ),
  async () => {
    const house = await concierge();
    // Nothing was fetched, rendered or delivered: the model stands in the first document all the same.
    expect((await house.desired()).model).toMatchObject({ kind: 'gateway', model: 'scripted' });
    expect((await house.box.register()).status).toBe(200);
    await house.plane.db
      .updateTable('workspaces')
      .set({ model: 'nobody/nothing', model_origin: 'customer' })
      .where('id', '=', house.plane.concierge)
      .execute();
    expect(await house.box.register()).toMatchObject({
      status: 400,
      body: { code: 'platform_agent_model_missing' },
    });
  },
);

test(
  verifies(
    'B108',
    'a persona text that is missing is warned of and shown, and stops neither the start nor the concierge',
  ),
  async () => {
    const templatesDir = mkdtempSync(join(tmpdir(), 'molecule-templates-'));
    onTestFinished(() => rmSync(templatesDir, { recursive: true, force: true }));
    cpSync(fileURLToPath(new URL('../../../../templates', import.meta.url)), templatesDir, { recursive: true });
    rmSync(join(templatesDir, 'platform-agent/prompts/concierge.md'));
    const stream = new PassThrough();
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const house = await concierge({ templatesDir, log: createLogger('warn', stream) });
    expect(text).toContain('a template lacks its persona text');
    expect(text).toContain('prompts/concierge.md');
    expect((await house.desired()).identity.text).toBe('');
    await house.box.witness();
    expect((await house.box.register()).body.status).toBe('online');
    expect((await signals(house)).identity).toMatchObject({ status: 'warning', reason: 'persona_missing' });
  },
);
