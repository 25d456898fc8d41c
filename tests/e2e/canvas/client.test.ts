import { readFileSync } from 'node:fs';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usedRoutes } from '../../../tools/canvas-client/used-routes.mjs';
import { wireTypes } from '../../../tools/canvas-client/wire-types.mjs';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation({ args: ['--no-concierge'] });
});
afterAll(() => house?.dispose());

test(verifies('I6-client', "the canvas' wire types are those of the live OpenAPI document"), async () => {
  const { body } = await house.http('GET', '/api/openapi.json');
  const written = readFileSync(new URL('../../../packages/canvas/src/api/wire.generated.ts', import.meta.url), 'utf8');
  expect(written, 'run `node tools/canvas-client.mjs` against a running control plane, then `tsc -b`').toBe(
    wireTypes(body, usedRoutes()),
  );
});

test(
  verifies('I6-csp', 'only what a browser navigates to gets the page; an unknown path of a program stays an error'),
  async () => {
    const html = { headers: { accept: 'text/html' }, token: null } as const;
    for (const path of ['/', '/org', '/w/some-id/chat', '/no/such/view']) {
      const answer = await house.http<string>('GET', path, undefined, html);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(answer.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
    }
    for (const path of [
      '/api/v1/nothing',
      '/mcp/nothing',
      '/assets/nothing.js',
      '/assets/..%2f..%2fpackage.json',
      '/llm',
    ]) {
      const answer = await house.http('GET', path, undefined, html);
      expect([path, answer.status >= 400, answer.headers.get('content-type')]).toEqual([
        path,
        true,
        expect.stringContaining('application/problem+json'),
      ]);
    }
  },
);
