import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

/** Routes that need no token. Whoever adds one must say so here. */
const OPEN = ['GET /healthz', 'GET /readyz', 'GET /sign-in', 'GET /api/openapi.json'];

test(
  verifies('I2-cp-deny', 'every documented route but the few open ones refuses a request without a token'),
  async () => {
    const plane = await startPlane();
    const document = (await (await fetch(`${plane.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    expect(routes.length).toBeGreaterThan(25);
    const answered: string[] = [];
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const response = await fetch(plane.url + path.replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000'), {
        method,
        redirect: 'manual',
      });
      await response.body?.cancel();
      if (response.status !== 401) answered.push(route);
    }
    expect(answered.filter((route) => !OPEN.includes(route))).toEqual(
      ['GET /sign-in'].filter((route) => !OPEN.includes(route)),
    );
  },
);

test(
  verifies('I2-bad-token', 'an unknown, an expired and a revoked token are told apart, each with a hint'),
  async () => {
    const plane = await startPlane();
    const { services } = plane.plane;
    const mint = (expiresAt: Date | null) =>
      mintToken(services.db, { orgId: plane.orgId, kind: 'person', name: 't', scopes: ['workspaces:read'], expiresAt });
    const old = await mint(new Date(plane.clock.now().getTime() + 60_000));
    const revoked = await mint(null);
    const ask = async (token: string) =>
      (await call(plane.url, token, 'GET', '/api/v1/workspaces')).body as { code: string; hint: string };
    expect(await call(plane.url, old.value, 'GET', '/api/v1/workspaces')).toMatchObject({ status: 200 });
    plane.clock.pass(61_000);
    expect(await ask(old.value)).toMatchObject({
      code: 'token_expired',
      hint: expect.stringContaining('molecule token create'),
    });
    await services.db.updateTable('tokens').set({ revoked_at: new Date() }).where('id', '=', revoked.id).execute();
    expect(await ask(revoked.value)).toMatchObject({ code: 'token_revoked' });
    expect(await ask('mol_own_nonsense')).toMatchObject({ code: 'token_invalid' });
    expect(await ask('')).toMatchObject({ code: 'token_missing' });
  },
);

test(
  verifies('I2-cp-tokens', 'a token without the scope of a route is refused and told which one it lacks'),
  async () => {
    const plane = await startPlane();
    const { value } = await mintToken(plane.plane.services.db, {
      orgId: plane.orgId,
      kind: 'person',
      name: 'reader',
      scopes: ['workspaces:read'],
    });
    const refused = await call(plane.url, value, 'POST', '/api/v1/workspaces', { name: 'x' });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', params: { scope: 'workspaces:write' } },
    });
  },
);

test('a request addressed to a foreign name, or made by a page of a foreign site, is refused', async () => {
  const plane = await startPlane();
  const origin = await fetch(`${plane.url}/healthz`, { headers: { origin: 'https://evil.example' } });
  expect(origin.status).toBe(403);
  expect(await origin.json()).toMatchObject({ code: 'host_not_allowed' });
  const own = await fetch(`${plane.url}/healthz`, { headers: { origin: plane.url } });
  expect(own.status).toBe(200);
});
