import { ENV, newId } from '@molecule/contracts';
import { appendEvents } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { upstreamsOf } from '../gateway/upstreams-of.ts';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import type { TestHost } from '../test-host.ts';

const KIMI = 'moonshot/kimi-k2.6';
const UPSTREAMS = upstreamsOf('http://127.0.0.1:9');

/** Gives the concierge a box: a provision. */
async function provision(
  plane: Plane,
  host: TestHost,
  workspaceId: string,
): Promise<TestBox & { desired: Record<string, unknown> }> {
  const order = await host.next('start', workspaceId);
  const box = new TestBox(plane, order);
  const answer = await call(plane.url, order.enrolmentToken, 'POST', '/api/v1/registry/enrol', {
    workspaceId,
    bootId: order.bootId,
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  box.apiKey = answer.body.apiKey;
  box.orgApiKey = answer.body.orgApiKey;
  box.nonce = answer.body.proofNonce;
  return Object.assign(box, { desired: answer.body.desired });
}

/** The stored pin as a row: the value is sealed. */
function storedPin(plane: Plane, workspaceId: string) {
  return plane.db
    .selectFrom('secrets')
    .select(['origin', 'version', 'sealed'])
    .where('workspace_id', '=', workspaceId)
    .where('name', '=', ENV.llmProvider)
    .executeTakeFirst();
}

test(
  verifies(
    ['T1', 'B9', 'B13', 'B10', 'I5-pin'],
    'a platform-managed concierge without a pin gets one at its provision, stored and in its environment, and is ready',
  ),
  async () => {
    const plane = await startPlane({ upstreams: UPSTREAMS, model: KIMI });
    const host = await plane.host();
    expect(await storedPin(plane, plane.concierge)).toBeUndefined();
    const box = await provision(plane, host, plane.concierge);
    expect(box.desired).toMatchObject({
      providerPin: 'platform',
      model: { kind: 'gateway', provider: 'platform', model: 'kimi-k2.6' },
    });
    const pin = await storedPin(plane, plane.concierge);
    expect(pin).toMatchObject({ origin: 'platform', version: 1 });
    expect(pin?.sealed.includes(Buffer.from('platform'))).toBe(false);
    await box.witness();
    expect((await box.register({ mcp_server_present: true })).body).toMatchObject({ status: 'online' });
    // A later provision finds it and writes nothing.
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/restart`);
    await provision(plane, host, plane.concierge);
    expect(await storedPin(plane, plane.concierge)).toMatchObject({ version: 1 });
  },
);

test(verifies(['T2', 'B11', 'I5-pin'], "a customer's stored provider is left as it is"), async () => {
  const plane = await startPlane({ upstreams: UPSTREAMS, model: KIMI });
  const host = await plane.host();
  const set = await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/secrets`, {
    name: ENV.llmProvider,
    value: 'moonshot',
  });
  expect(set.status, JSON.stringify(set.body)).toBe(200);
  const box = await provision(plane, host, plane.concierge);
  expect(box.desired).toMatchObject({ providerPin: 'moonshot', model: { kind: 'gateway', provider: 'moonshot' } });
  expect(await storedPin(plane, plane.concierge)).toMatchObject({ origin: 'customer', version: 1 });
});

test(
  verifies(
    ['T3', 'B12', 'B17', 'I5-pin'],
    "a model outside the platform's namespace gets no pin, whatever its prefix looks like",
  ),
  async () => {
    for (const model of ['openai/gpt-5.1', 'google/gemini-2.5-flash']) {
      const plane = await startPlane({ upstreams: UPSTREAMS, model });
      const host = await plane.host();
      const box = await provision(plane, host, plane.concierge);
      expect(box.desired).toMatchObject({
        providerPin: null,
        model: { kind: 'gateway', provider: model.split('/')[0] },
      });
      expect(await storedPin(plane, plane.concierge)).toBeUndefined();
    }
  },
);

test(
  verifies(
    ['T4', 'B1', 'B18', 'I32', 'I5-pin-children'],
    'an ordinary workspace is left alone; a child that the concierge made is pinned by the same rule',
  ),
  async () => {
    const plane = await startPlane({ upstreams: UPSTREAMS, model: KIMI });
    const host = await plane.host();
    const own = await plane.create('Own');
    expect((await provision(plane, host, own)).desired).toMatchObject({
      providerPin: null,
      model: { provider: 'moonshot' },
    });
    expect(await storedPin(plane, own)).toBeUndefined();
    const child = async (name: string, model: string): Promise<string> => {
      const id = newId();
      await plane.db
        .insertInto('workspaces')
        .values({
          id,
          org_id: plane.orgId,
          name,
          kind: 'workspace',
          parent_id: plane.concierge,
          runtime: 'test-runtime',
          model,
          model_origin: 'customer',
          created_by: `box:${plane.concierge}`,
        })
        .execute();
      await appendEvents(plane.db, [{ orgId: plane.orgId, workspaceId: id, type: 'workspace.created', actor: 'test' }]);
      return id;
    };
    const managed = await child('Managed', KIMI);
    expect((await provision(plane, host, managed)).desired).toMatchObject({ providerPin: 'platform' });
    expect(await storedPin(plane, managed)).toMatchObject({ origin: 'platform' });
    const byok = await child('Byok', 'openai/gpt-5.1');
    expect((await provision(plane, host, byok)).desired).toMatchObject({
      providerPin: null,
      model: { provider: 'openai' },
    });
  },
);

test(
  verifies(
    ['T5', 'B8', 'B14', 'I1', 'I5-unresolvable'],
    'a model that cannot be resolved is not configured, with the nearest ids, and never another provider',
  ),
  async () => {
    const plane = await startPlane({ upstreams: UPSTREAMS });
    const host = await plane.host();
    const refused = await call(plane.url, plane.ownerToken, 'PUT', `/api/v1/workspaces/${plane.concierge}/model`, {
      model: 'moonshott/kimi-k2.6',
    });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { code: 'model_invalid', hint: expect.stringContaining('moonshot/kimi-k2') },
    ]);
    // Stored by an older version, say: the workspace says so, and runs no turn.
    await plane.db
      .updateTable('workspaces')
      .set({ model: 'moonshoot/kimi-k2.6', model_origin: 'customer' })
      .where('id', '=', plane.concierge)
      .execute();
    const box = await provision(plane, host, plane.concierge);
    expect(box.desired).toMatchObject({
      providerPin: null,
      model: { kind: 'none', reason: 'provider_unknown', message: expect.stringContaining('moonshot/kimi-k2.6') },
    });
    const beat = await box.beat();
    expect(beat.status).toBe(200);
    expect(
      (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}/model`)).body,
    ).toMatchObject({ configured: false, reason: 'provider_unknown' });
  },
);

test(
  verifies(['T6', 'B15', 'I31', 'I5-pin'], 'a provider that is stored but cannot be opened is not taken for none'),
  async () => {
    const plane = await startPlane({ upstreams: UPSTREAMS, model: KIMI });
    const host = await plane.host();
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/secrets`, {
      name: ENV.llmProvider,
      value: 'moonshot',
    });
    await plane.db
      .updateTable('secrets')
      .set({ sealed: Buffer.alloc(120, 1) })
      .where('name', '=', ENV.llmProvider)
      .execute();
    const box = await provision(plane, host, plane.concierge);
    expect(box.desired).toMatchObject({ providerPin: null, model: { kind: 'none', reason: 'provider_unreadable' } });
    expect(await storedPin(plane, plane.concierge)).toMatchObject({ version: 1, origin: 'customer' });
  },
);

test(
  verifies(
    ['B19', 'B20', 'B16', 'I5-pin'],
    "what the platform chose follows its default, a customer's choice never; our pin goes when another provider's model is chosen",
  ),
  async () => {
    const plane = await startPlane({ upstreams: UPSTREAMS, model: KIMI });
    const host = await plane.host();
    await plane.db
      .updateTable('workspaces')
      .set({ model: 'moonshot/kimi-k2.5', model_origin: 'platform' })
      .where('id', '=', plane.concierge)
      .execute();
    await provision(plane, host, plane.concierge);
    const row = () =>
      plane.db
        .selectFrom('workspaces')
        .select(['model', 'model_origin'])
        .where('id', '=', plane.concierge)
        .executeTakeFirstOrThrow();
    expect(await row()).toEqual({ model: KIMI, model_origin: 'platform' });
    expect(await storedPin(plane, plane.concierge)).toMatchObject({ origin: 'platform' });
    const chosen = await call(plane.url, plane.ownerToken, 'PUT', `/api/v1/workspaces/${plane.concierge}/model`, {
      model: 'openai/gpt-5.1',
      force: true,
    });
    expect(chosen.body).toMatchObject({
      configured: true,
      provider: 'openai',
      pin: null,
      credential: 'environment',
      check: { ok: false, reason: 'unreachable' },
    });
    expect(await storedPin(plane, plane.concierge)).toBeUndefined();
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/restart`);
    await provision(plane, host, plane.concierge);
    expect(await row()).toEqual({ model: 'openai/gpt-5.1', model_origin: 'customer' });
  },
);
