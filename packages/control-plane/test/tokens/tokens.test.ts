import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { scopesOfRole } from '../../src/index.ts';
import { call, startPlane } from '../plane.ts';

test(
  verifies(
    'I2-cp-tokens',
    'a token is shown once, kept as a hash, works until it is revoked, and then ends at once on every replica',
  ),
  async () => {
    const plane = await startPlane();
    const other = await plane.replica();
    const { value: admin } = await mintToken(plane.db, {
      orgId: plane.orgId,
      kind: 'person',
      name: 'admin',
      scopes: scopesOfRole('admin'),
    });
    const made = await call(plane.url, admin, 'POST', '/api/v1/tokens', {
      name: 'ci',
      scopes: ['workspaces:read'],
      expiresInSeconds: 3600,
    });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: 'person', value: expect.stringMatching(/^mol_pat_[\w-]{43}$/) },
    });
    const { value, id } = made.body;
    for (const url of [plane.url, other.url])
      expect((await call(url, value, 'GET', '/api/v1/workspaces')).status).toBe(200);
    const stored =
      JSON.stringify(await plane.db.selectFrom('tokens').selectAll().execute()) +
      JSON.stringify(await plane.db.selectFrom('events').selectAll().execute()) +
      JSON.stringify(await plane.db.selectFrom('audit').selectAll().execute());
    expect(stored).not.toContain(value.slice(12));
    const listed = await call(plane.url, admin, 'GET', '/api/v1/tokens');
    expect(JSON.stringify(listed.body)).not.toContain(value.slice(12));
    expect((await call(plane.url, admin, 'DELETE', `/api/v1/tokens/${id}`)).status).toBe(200);
    expect((await call(plane.url, value, 'GET', '/api/v1/workspaces')).body.code).toBe('token_revoked');
    await expect
      .poll(async () => (await call(other.url, value, 'GET', '/api/v1/workspaces')).status, {
        timeout: 1000,
        interval: 10,
      })
      .toBe(401);
  },
);

test(verifies('I2-cp-tokens', 'nobody can make a token that may do more than they may'), async () => {
  const plane = await startPlane();
  const { value } = await mintToken(plane.db, {
    orgId: plane.orgId,
    kind: 'person',
    name: 'small',
    scopes: ['tokens:write', 'workspaces:read'],
  });
  const refused = await call(plane.url, value, 'POST', '/api/v1/tokens', {
    name: 'big',
    scopes: ['workspaces:read', 'workspaces:delete'],
  });
  expect(refused).toMatchObject({
    status: 403,
    body: { code: 'scope_missing', params: { scope: 'workspaces:delete' } },
  });
});
