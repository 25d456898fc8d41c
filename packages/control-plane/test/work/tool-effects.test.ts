import { HEADER } from '@molecule/contracts';
import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

/** Calls a management tool as an agent's MCP client does; gives the text of its answer. */
async function tool(plane: Plane, token: string, name: string, input: unknown): Promise<string> {
  const response = await fetch(`${plane.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      [HEADER.mcpMode]: 'management',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } }),
  });
  expect(response.status).toBe(200);
  return response.text();
}

async function concierge(): Promise<{ readonly plane: Plane; readonly box: TestBox; readonly orgApiKey: string }> {
  const plane = await startPlane();
  const host = await plane.host();
  const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  if (box.orgApiKey === null) throw new Error('the concierge got no management token');
  await box.witness();
  await box.register();
  return { plane, box, orgApiKey: box.orgApiKey };
}

async function named(plane: Plane, name: string): Promise<number> {
  const rows = await plane.db.selectFrom('workspaces').select('id').where('name', '=', name).execute();
  return rows.length;
}

test(
  verifies(
    'I2-mcp-once',
    'a call that changes something, by a box without a leased task, is refused and changes nothing',
  ),
  async () => {
    const { plane, box, orgApiKey } = await concierge();
    const create = { name: 'made', wait_seconds: 0 };
    expect(await tool(plane, orgApiKey, 'provision_workspace', create)).toContain('task_not_leased');
    expect(await named(plane, 'made')).toBe(0);
    expect(await tool(plane, orgApiKey, 'list_workspaces', {})).toContain('Concierge');

    // The same call within a turn is noted with its task; after the turn it is refused again.
    const sent = await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${plane.concierge}/messages`, {
      text: 'make it',
    });
    const leased = await box.lease();
    expect(leased.body.taskId).toBe(sent.body.taskId);
    expect(await tool(plane, orgApiKey, 'provision_workspace', create)).not.toContain('task_not_leased');
    expect(await named(plane, 'made')).toBe(1);
    expect((await plane.db.selectFrom('tool_effects').select('task_id').execute())[0]?.task_id).toBe(sent.body.taskId);
    await box.result(sent.body.taskId, 1);
    expect(await tool(plane, orgApiKey, 'provision_workspace', { ...create, name: 'late' })).toContain(
      'task_not_leased',
    );
    expect(await named(plane, 'late')).toBe(0);
  },
);

test(verifies('I2-mcp-once', "a person's own MCP client has no task and keeps working"), async () => {
  const plane = await startPlane();
  await plane.host(); // a runtime to make workspaces for
  const { value } = await mintToken(plane.db, {
    orgId: plane.orgId,
    kind: 'person',
    name: 'mine',
    scopes: ['mcp:management', 'workspaces:write'],
    userId: null,
  });
  expect(await tool(plane, value, 'provision_workspace', { name: 'mine', wait_seconds: 0 })).not.toContain('isError');
  expect(await named(plane, 'mine')).toBe(1);
});
