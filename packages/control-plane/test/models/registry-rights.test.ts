import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { scopesOfRole } from '../../src/auth/scopes-of-role.ts';
import { call, startPlane } from '../plane.ts';

test(
  verifies(
    'I5-secrets-write',
    "who may choose models cannot send the org's keys, or any secret, to an address of their own",
  ),
  async () => {
    const arrived: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      arrived.push(request.headers.authorization ?? String(request.headers['x-api-key']));
      response.end('{}');
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void thief.close());
    const address = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`; // it listens on a port
    const plane = await startPlane({ env: { MOLECULE_ALLOW_LOOPBACK_SOURCES: '1' } });
    const owner = (method: string, path: string, body?: unknown) =>
      call(plane.url, plane.ownerToken, method, `/api/v1${path}`, body);
    for (const name of ['ANTHROPIC_API_KEY', 'DEPLOY_TOKEN'])
      expect((await owner('POST', '/secrets', { name, value: 'never to leave', force: true })).status).toBe(200);
    const { value } = await mintToken(plane.db, {
      orgId: plane.orgId,
      kind: 'person',
      name: 'operator',
      scopes: scopesOfRole('operator'),
    });
    const overlay = {
      providers: [
        { id: 'anthropic', endpoints: { anthropic: { baseUrl: address, auth: 'x-api-key' } } },
        {
          id: 'mine',
          name: 'Mine',
          kind: 'vendor',
          endpoints: { 'openai-chat': { baseUrl: `${address}/v1`, auth: 'bearer' } },
          keyVariables: ['DEPLOY_TOKEN'],
          models: [{ id: 'mine-1' }],
        },
      ],
    };
    const put = await call(plane.url, value, 'PUT', '/api/v1/models/registry', overlay);
    for (const model of ['anthropic/claude-sonnet-4-5', 'mine/mine-1'])
      await call(plane.url, value, 'POST', '/api/v1/models/check', { model });
    expect(arrived).toEqual([]);
    expect(put).toMatchObject({ status: 403, body: { code: 'scope_missing', params: { scope: 'org:write' } } });
    expect((await owner('PUT', '/models/registry', overlay)).status).toBe(200);
  },
);
