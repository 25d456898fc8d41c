import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedServer } from '@molecule/models/server';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { KeyRing } from '../../src/secrets/key-ring.ts';
import { openValue, rewrapValue, sealValue } from '../../src/secrets/secret-seal.ts';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

const VALUE = 'correct horse battery staple';
const ROW = { id: '1', orgId: 'o', workspaceId: null, name: 'DEPLOY_TOKEN' };

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'molecule-secrets-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const api = (plane: Plane, method: string, path: string, body?: unknown) =>
  call(plane.url, plane.ownerToken, method, `/api/v1${path}`, body);

test(
  verifies(
    'I5-secrets-seal',
    'a sealed value opens with its key in its own row alone, and rotation wraps it anew without touching it',
  ),
  async () => {
    const dir = await directory();
    const keys = await KeyRing.load({}, dir);
    expect((await stat(join(dir, 'keys', 'master.key'))).mode & 0o777).toBe(0o600);
    expect((await KeyRing.load({}, dir)).current.id).toBe(keys.current.id);
    const old = keys.current.id;
    const sealed = sealValue(VALUE, ROW, keys.current);
    expect(sealed.includes(Buffer.from(VALUE))).toBe(false);
    expect(openValue(sealed, old, ROW, keys)).toBe(VALUE);
    for (const moved of [
      { ...ROW, id: '2' },
      { ...ROW, name: 'OTHER' },
      { ...ROW, workspaceId: 'w' },
      { ...ROW, orgId: 'p' },
    ])
      expect(() => openValue(sealed, old, moved, keys)).toThrow();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openValue(changed, old, ROW, keys)).toThrow();
    }
    await keys.renew();
    const rewrapped = rewrapValue(sealed, old, ROW, keys);
    expect(rewrapped.subarray(-VALUE.length)).toEqual(sealed.subarray(-VALUE.length));
    await keys.dropOld();
    expect(openValue(rewrapped, keys.current.id, ROW, keys)).toBe(VALUE);
    expect(() => openValue(sealed, old, ROW, keys)).toThrow();
    await expect(KeyRing.load({ MOLECULE_MASTER_KEY: 'short' }, dir)).rejects.toMatchObject({
      code: 'master_key_invalid',
    });
  },
);

test(
  verifies(
    ['I5-secrets-write', 'I5-secrets-grant', 'I5-secrets-calm'],
    'values never come out of the API, reach only the workspaces that were granted them, and a change disturbs those alone',
  ),
  async () => {
    const dataDir = await directory();
    const plane = await startPlane({ dataDir });
    const host = await plane.host();
    const [one, two] = [await plane.create('one'), await plane.create('two')];
    const generation = async (id: string): Promise<number> =>
      (await plane.db.selectFrom('workspaces').select('generation').where('id', '=', id).executeTakeFirstOrThrow())
        .generation;
    const before = [await generation(one), await generation(two)];
    const stored = await api(plane, 'POST', '/secrets', { name: 'DEPLOY_TOKEN', value: VALUE, grants: ['one'] });
    expect(stored.body).toMatchObject({ name: 'DEPLOY_TOKEN', use: 'box', version: 1, grants: [one], check: null });
    expect([await generation(one), await generation(two)]).toEqual([(before[0] ?? 0) + 1, before[1]]);
    const [boxOne, boxTwo] = [
      await TestBox.enrol(plane, await host.next('start', one)),
      await TestBox.enrol(plane, await host.next('start', two)),
    ];
    const given = async (box: TestBox) =>
      (await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/secrets')).body.secrets;
    expect(await given(boxOne)).toEqual({ DEPLOY_TOKEN: VALUE });
    expect(await given(boxTwo)).toEqual({});
    expect((await call(plane.url, boxOne.apiKey, 'GET', '/api/v1/registry/desired-state')).body.secretNames).toEqual([
      'DEPLOY_TOKEN',
    ]);
    // The workspace's own wins; taking the grant away takes it from the box.
    await api(plane, 'POST', '/workspaces/two/secrets', { name: 'DEPLOY_TOKEN', value: 'own' });
    expect(await given(boxTwo)).toEqual({ DEPLOY_TOKEN: 'own' });
    await api(plane, 'PUT', '/secrets/DEPLOY_TOKEN/grants', { workspaces: [] });
    expect(await given(boxOne)).toEqual({});
    const seen = JSON.stringify([
      await api(plane, 'GET', '/secrets'),
      await api(plane, 'GET', '/workspaces/two/secrets'),
      stored,
      await plane.db.selectFrom('events').selectAll().execute(),
      await plane.db.selectFrom('audit').selectAll().execute(),
    ]);
    expect(seen).not.toContain(VALUE);
    const actions = (await plane.db.selectFrom('audit').select(['action', 'actor']).execute()).filter((row) =>
      row.action.startsWith('secret.'),
    );
    expect(actions.map((row) => row.action)).toEqual(
      expect.arrayContaining(['secret.set', 'secret.grant', 'secret.deliver']),
    );
    expect((await call(plane.url, boxOne.apiKey, 'GET', '/api/v1/secrets')).status).toBe(403);
    const rotated = await api(plane, 'POST', '/secrets/rotate', {});
    expect(rotated.body).toMatchObject({ rewrapped: 2 });
    expect(await given(boxTwo)).toEqual({ DEPLOY_TOKEN: 'own' });
    expect((await readFile(join(dataDir, 'keys', 'master.key'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect((await api(plane, 'POST', '/secrets', { name: 'MOLECULE_API_KEY', value: 'x' })).body).toMatchObject({
      code: 'secret_name_reserved',
    });
    expect((await api(plane, 'DELETE', '/secrets/NOTHING')).body).toMatchObject({ code: 'secret_not_found' });
  },
);

test(
  verifies(
    ['I5-preflight', 'I5-key', 'I5-bad-ssrf'],
    'a provider key is tried when it is set, stays on the server, and its address must not be an internal one',
  ),
  async () => {
    const upstream = await startScriptedServer({
      script: (request) => (request.prompt === 'ping' ? { text: 'pong' } : { text: 'hello' }),
    });
    const refusing = await startScriptedServer({ script: [{ fail: { kind: 'auth' } }] });
    onTestFinished(async () => void (await Promise.all([upstream.close(), refusing.close()])));
    const closed = await startPlane({ model: 'openai-compatible/some-model' });
    for (const address of [
      'http://127.0.0.1:1',
      'https://169.254.169.254',
      'https://[::1]',
      'http://example.com',
      'file:///etc/passwd',
      'https://localhost',
    ]) {
      expect(
        (await api(closed, 'POST', '/secrets', { name: 'ANTHROPIC_BASE_URL', value: address })).body,
        address,
      ).toMatchObject({ code: 'address_refused' });
    }
    const plane = await startPlane({ env: { MOLECULE_ALLOW_LOOPBACK_SOURCES: '1' } });
    const workspace = (await plane.host()) && (await plane.create('byok'));
    await api(plane, 'POST', '/secrets', { name: 'ANTHROPIC_BASE_URL', value: refusing.url });
    const bad = await api(plane, 'POST', '/secrets', { name: 'ANTHROPIC_API_KEY', value: 'sk-wrong' });
    expect([bad.status, bad.body]).toMatchObject([
      422,
      { code: 'preflight_failed', detail: expect.stringContaining('refuses the stored key') },
    ]);
    await api(plane, 'POST', '/secrets', { name: 'ANTHROPIC_BASE_URL', value: upstream.url });
    const good = await api(plane, 'POST', '/secrets', { name: 'ANTHROPIC_API_KEY', value: 'sk-right' });
    expect(good.body).toMatchObject({ use: 'gateway', check: { ok: true } });
    const chosen = await api(plane, 'PUT', `/workspaces/${workspace}/model`, { model: 'anthropic/claude-sonnet-4-5' });
    expect(chosen.body).toMatchObject({ configured: true, credential: 'org', check: { ok: true } });
    expect(
      (await api(plane, 'GET', '/models')).body.items.find(
        (each: { id: string }) => each.id === 'anthropic/claude-sonnet-4-5',
      ),
    ).toMatchObject({ available: true });
    const box = await plane.db.selectFrom('secrets').select('name').execute();
    expect(box.map((row) => row.name).sort()).toEqual(['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL']);
    const unknown = await api(plane, 'POST', '/models/check', { model: 'anthropic/claud-sonet' });
    expect(unknown.body).toMatchObject({ ok: false, reason: 'model_unknown' });
  },
);

test(
  verifies(
    'I5-registry',
    'providers and prices are data: an overlay adds them, what is not valid is refused with its place',
  ),
  async () => {
    const plane = await startPlane();
    const overlay = {
      providers: [
        {
          id: 'acme',
          name: 'Acme',
          kind: 'vendor',
          endpoints: { 'openai-chat': { baseUrl: 'https://models.acme.example/v1', auth: 'bearer' } },
          keyVariables: ['ACME_API_KEY'],
          models: [{ id: 'acme-1', price: { input: 1, output: 2 } }],
        },
      ],
    };
    expect((await api(plane, 'PUT', '/models/registry', overlay)).body.providers).toContain('acme');
    expect(
      (await api(plane, 'GET', '/models')).body.items.find((each: { id: string }) => each.id === 'acme/acme-1'),
    ).toMatchObject({ available: false, price: { input: 1, output: 2 } });
    expect((await api(plane, 'PUT', '/models/registry', { providers: [{ id: 'Acme!' }] })).body).toMatchObject({
      code: 'registry_invalid',
      detail: expect.stringContaining('providers.0.id'),
    });
    const internal = {
      providers: [
        { ...overlay.providers[0], endpoints: { 'openai-chat': { baseUrl: 'https://10.0.0.1/v1', auth: 'bearer' } } },
      ],
    };
    expect((await api(plane, 'PUT', '/models/registry', internal)).body).toMatchObject({ code: 'address_refused' });
  },
);

test(
  verifies(
    'I5-key',
    'the key of a provider that the org added enters no box, also where nothing of the org was read yet',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const one = await plane.create('one');
    const provider = {
      id: 'acme',
      name: 'Acme',
      kind: 'vendor',
      endpoints: { 'openai-chat': { baseUrl: 'https://models.acme.example/v1', auth: 'bearer' } },
      keyVariables: ['ACME_API_KEY'],
      models: [{ id: 'acme-1' }],
    };
    expect((await api(plane, 'PUT', '/models/registry', { providers: [provider] })).status).toBe(200);
    await api(plane, 'POST', '/workspaces/one/secrets', { name: 'ACME_API_KEY', value: VALUE });
    await api(plane, 'POST', '/workspaces/one/secrets', { name: 'constructor', value: 'plain' });
    const box = await TestBox.enrol(plane, await host.next('start', one));
    const fresh = await plane.replica();
    const asked = await call(fresh.url, box.apiKey, 'GET', '/api/v1/registry/secrets');
    expect(asked.body).toEqual({ secrets: { constructor: 'plain' } });
  },
);
