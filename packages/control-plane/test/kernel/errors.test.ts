import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

test(
  verifies(
    ['I2-cp-errors', 'I2-bad-route', 'I2-bad-body'],
    'bad requests get a problem document from the catalogue, with hint and request id',
  ),
  async () => {
    const plane = await startPlane();
    const post = (body: string, type = 'application/json') =>
      fetch(`${plane.url}/api/v1/workspaces`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${plane.ownerToken}`, 'content-type': type },
      });
    const cases: [string, Response, string, number][] = [
      ['unknown route', await fetch(`${plane.url}/api/v1/nothing`), 'route_unknown', 404],
      ['malformed JSON', await post('{"name": '), 'invalid_json', 400],
      ['not an object', await post('[]'), 'invalid_request', 400],
      ['unknown key', await post('{"name":"x","kind":"platform"}'), 'invalid_request', 400],
      ['other type', await post('name=x', 'application/x-www-form-urlencoded'), 'unsupported_media_type', 415],
      ['too large', await post(JSON.stringify({ name: 'x'.repeat(9_000_000) })), 'body_too_large', 413],
      ['control characters in a name', await post(JSON.stringify({ name: 'a\u0007b' })), 'invalid_request', 400],
    ];
    for (const [what, response, code, status] of cases) {
      expect(response.headers.get('content-type'), what).toContain('application/problem+json');
      const body = (await response.json()) as { code: string; hint: string; requestId: string; detail: string };
      expect({ code: body.code, status: response.status }, what).toEqual({ code, status });
      expect(body.hint.length, what).toBeGreaterThan(5);
      expect(body.requestId, what).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.detail, what).not.toMatch(/\{\w+\}/);
    }
    expect(await call(plane.url, plane.ownerToken, 'GET', '/api/v1/workspaces')).toMatchObject({
      body: { items: [{ kind: 'platform' }] },
    });
  },
);

test(
  verifies(
    'I2-cp-contract',
    'the OpenAPI document is made from the schemas that check requests, with the errors of the catalogue',
  ),
  async () => {
    const plane = await startPlane();
    const answer = await fetch(`${plane.url}/api/openapi.json`);
    // The few members this test looks at.
    const document = (await answer.json()) as {
      readonly openapi: string;
      readonly paths: Readonly<Record<string, unknown>>;
      readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    };
    expect(document.openapi).toBe('3.1.0');
    const text = JSON.stringify(document);
    expect(JSON.stringify(document.paths['/api/v1/workspaces'])).toContain('#/components/schemas/CreateWorkspaceInput');
    expect(JSON.stringify(document.components.schemas['CreateWorkspaceInput'])).toContain('maxLength');
    for (const path of [
      '/api/v1/registry/heartbeat',
      '/api/v1/workspaces/{id}/readiness',
      '/api/v1/tokens',
      '/api/v1/events',
    ])
      expect(document.paths[path], path).toBeDefined();
    expect(text).toContain('"Problem"');
  },
);

test(
  verifies('I2-cp-health', 'liveness, readiness and metrics are served; readiness ends when the server stops'),
  async () => {
    const plane = await startPlane();
    expect(await (await fetch(`${plane.url}/healthz`)).json()).toMatchObject({ status: 'ok' });
    expect(await (await fetch(`${plane.url}/readyz`)).json()).toEqual({
      status: 'ready',
      database: true,
      stopping: false,
    });
    expect((await fetch(`${plane.url}/metrics`)).status).toBe(401);
  },
);
