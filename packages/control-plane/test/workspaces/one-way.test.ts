import { type DesiredState, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';
import type { TestHost } from '../test-host.ts';

const RUNTIMES = ['test-runtime', 'another-runtime', 'third-runtime'];

async function house(): Promise<{ plane: Plane; host: TestHost }> {
  const plane = await startPlane();
  return { plane, host: await plane.host(plane, { runtimes: RUNTIMES }) };
}

/** What the next box of this workspace is told. */
async function nextBoot({ plane, host }: { plane: Plane; host: TestHost }, id: string): Promise<DesiredState> {
  const box = await TestBox.enrol(plane, await host.next('start', id));
  const answer = await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state');
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

/** Makes a workspace as a person's own agent does, gives its id. */
async function provisionByTool(plane: Plane, name: string, runtime: string): Promise<string> {
  const { value } = await mintToken(plane.db, {
    orgId: plane.orgId,
    kind: 'person',
    name: 'mine',
    scopes: ['mcp:management', 'workspaces:write'],
    userId: null,
  });
  const response = await fetch(`${plane.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${value}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'provision_workspace', arguments: { name, runtime, wait_seconds: 0 } },
    }),
  });
  expect(await response.text()).not.toContain('"isError":true');
  const row = await plane.db.selectFrom('workspaces').select('id').where('name', '=', name).executeTakeFirstOrThrow();
  return row.id;
}

test(
  verifies(
    'I13',
    'by whatever way a workspace is made, it gets the same; a concierge gets the same and its management server',
  ),
  async () => {
    const at = await house();
    const concierge = await nextBoot(at, at.plane.concierge);
    const byRoute = await nextBoot(at, await at.plane.create('route'));
    const byTool = await nextBoot(at, await provisionByTool(at.plane, 'tool', 'test-runtime'));
    const given = ({ servers, artifacts, model, assets, egress, timing }: DesiredState) => ({
      servers,
      artifacts,
      model,
      assets,
      egress,
      timing,
    });
    expect(given(byTool)).toEqual(given(byRoute));
    const [management, ...others] = [...concierge.servers].sort((a) => (a.name === MANAGEMENT_SERVER_NAME ? -1 : 1));
    expect(management).toMatchObject({
      name: MANAGEMENT_SERVER_NAME,
      required: true,
      witnessed: true,
      requiredTools: ['provision_workspace'],
    });
    expect(others).toEqual(byRoute.servers);
    expect({ ...given(concierge), servers: [] }).toEqual({ ...given(byRoute), servers: [] });
  },
);

test(
  verifies(['I13', 'I34', 'B71'], 'a concierge of any runtime has its management server and its persona'),
  async () => {
    const at = await house();
    const { plane } = at;
    const first = await nextBoot(at, plane.concierge);
    expect(first.identity.text).toContain('provision_workspace');
    for (const runtime of RUNTIMES.slice(1)) {
      const changed = await call(plane.url, plane.ownerToken, 'PATCH', `/api/v1/workspaces/${plane.concierge}`, {
        runtime,
      });
      expect(changed.status, JSON.stringify(changed.body)).toBe(200);
      const told = await nextBoot(at, plane.concierge);
      expect(told.runtime).toBe(runtime);
      expect(told.servers).toEqual(first.servers);
      expect(told.identity).toEqual(first.identity);
    }
  },
);

test(verifies('I34', 'a template that is not known is an error, never a workspace without persona'), async () => {
  const { plane, host } = await house();
  const refused = await call(plane.url, plane.ownerToken, 'POST', '/api/v1/workspaces', {
    name: 'a',
    runtime: 'test-runtime',
    template: 'another-runtime-platform-agent',
  });
  expect(refused).toMatchObject({ status: 400, body: { code: 'template_unknown' } });
  const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  await plane.db.updateTable('workspaces').set({ template: 'gone' }).where('id', '=', plane.concierge).execute();
  expect(await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state')).toMatchObject({
    status: 400,
    body: { code: 'template_unknown' },
  });
});
