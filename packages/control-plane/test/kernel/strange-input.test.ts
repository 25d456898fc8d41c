import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

const ZERO = 'a\u0000b';
const ORG = { kind: 'org' };
/** Values that pass as text or number and that a database, or a process, cannot hold. */
const REQUESTS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/workspaces/%00'],
  ['GET', '/workspaces/%ff'],
  ['GET', '/workspaces/one/boot-events?cursor=2020-01-01~99999999999999'],
  ['GET', '/usage?workspace=%00'],
  ['POST', '/workspaces', { name: 'two', runtime: 'test-runtime', role: ZERO }],
  ['POST', '/workspaces/one/messages', { text: ZERO }],
  ['POST', '/workspaces/one/messages', { text: 'half \ud800 of a pair' }],
  ['POST', '/workspaces/one/plugins', { source: `npm:${ZERO}` }],
  ['POST', '/workspaces/one/secrets', { name: 'NAME', value: ZERO }],
  ['PUT', '/secrets/NAME/grants', { workspaces: [ZERO] }],
  ['DELETE', '/secrets/%00'],
  ['PUT', '/plugins/allowlist', { entries: [{ publisher: ZERO }] }],
  ['POST', '/budgets', { scope: ORG, unit: 'usd', limit: 1e12, period: 'total' }],
  ['POST', '/budgets', { scope: ORG, unit: 'turns', limit: 0.5, period: 'total' }],
];

test(
  verifies(
    'I2-bad-body',
    'a value that cannot be stored is the fault of the request: refused in words, and nothing is half-done',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const id = await plane.create('one');
    const before = await plane.db.selectFrom('events').select('id').execute();
    const answers = [];
    for (const [method, path, body] of REQUESTS) {
      const { status, body: problem } = await call(plane.url, plane.ownerToken, method, `/api/v1${path}`, body);
      answers.push([
        method,
        path,
        status < 500 && status >= 400 && typeof problem.code === 'string',
        problem.hint !== '',
      ]);
    }
    expect(answers).toEqual(REQUESTS.map(([method, path]) => [method, path, true, true]));
    const after = await plane.db.selectFrom('events').select('type').execute();
    // The plugin that was refused is told of; nothing else happened.
    expect(after.length - before.length).toBeLessThanOrEqual(1);
    // An id is an id in either spelling.
    const upper = await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${id.toUpperCase()}`);
    expect(upper.body).toMatchObject({ id });
  },
);
