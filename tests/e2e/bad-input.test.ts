import { randomUUID } from 'node:crypto';
import { MANAGEMENT_SERVER_NAME, type Problem, toolId } from '@molecule/contracts';
import {
  type FoundProcess,
  processesOf,
  startTestInstallation,
  type TestInstallation,
  until,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation();
  expect((await house.cli('ws', 'create', 'research')).code).toBe(0);
});
afterAll(() => house?.dispose());

/** A larger body is refused before it has come in whole. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const WORKSPACES = '/api/v1/workspaces';
type Answer = Problem & { id: string };
const http: TestInstallation['http'] = (...args) => house.http(...args);

/** Everything that a half-done request could leave. */
async function countRows(): Promise<Record<string, number>> {
  const database = house.openDatabase();
  try {
    const counts: Record<string, number> = {};
    for (const table of [
      'workspaces',
      'workspace_declared_plugins',
      'tasks',
      'messages',
      'conversations',
      'tokens',
      'audit',
    ]) {
      const rows = await sql<{ count: string }>`select count(*) as count from ${sql.table(table)}`.execute(
        database.kysely,
      );
      counts[table] = Number(rows.rows[0]?.count);
    }
    return counts;
  } finally {
    await database.close();
  }
}

/** A refusal: status, code, a hint for people, and nothing half-done. */
async function expectRefused(
  send: () => Promise<{ status: number; body: Answer }>,
  status: number,
  code: string,
): Promise<Answer> {
  const before = await countRows();
  const reply = await send();
  expect(reply).toMatchObject({
    status,
    body: { code, status, detail: expect.stringMatching(/./), hint: expect.stringMatching(/./) },
  });
  expect(JSON.stringify(reply.body)).not.toMatch(/ at .*\.(ts|js):|select .* from/);
  expect(await countRows()).toEqual(before);
  return reply.body;
}

test(verifies('I2-bad-token', 'a missing, unknown, expired or revoked token is refused with what to do'), async () => {
  await expectRefused(() => http('GET', WORKSPACES, undefined, { token: null }), 401, 'token_missing');
  await expectRefused(() => http('GET', WORKSPACES, undefined, { token: 'mol_own_nobody' }), 401, 'token_invalid');
  await expectRefused(
    () => http('GET', WORKSPACES, undefined, { headers: { authorization: 'Basic xyz' }, token: null }),
    401,
    'token_missing',
  );

  const short = await http<{ value: string }>('POST', '/api/v1/tokens', {
    name: 'short',
    scopes: ['workspaces:read'],
    expiresInSeconds: 1,
  });
  await until(
    'the token has expired',
    async () => (await http<Answer>('GET', WORKSPACES, undefined, { token: short.body.value })).body.code,
    (code) => code === 'token_expired',
  );
  await expectRefused(() => http('GET', WORKSPACES, undefined, { token: short.body.value }), 401, 'token_expired');

  const made = await http<{ id: string; value: string }>('POST', '/api/v1/tokens', {
    name: 'ended',
    scopes: ['workspaces:read'],
  });
  expect((await http('GET', WORKSPACES, undefined, { token: made.body.value })).status).toBe(200);
  await expectRefused(() => http('POST', WORKSPACES, { name: 'x' }, { token: made.body.value }), 403, 'scope_missing');
  expect((await house.cli('token', 'revoke', made.body.id)).code).toBe(0);
  await expectRefused(() => http('GET', WORKSPACES, undefined, { token: made.body.value }), 401, 'token_revoked');
});

test(
  verifies(
    ['I2-bad-route', 'I2-bad-body'],
    'unknown routes, malformed, oversized and foreign bodies are catalogue errors',
  ),
  async () => {
    await expectRefused(() => http('GET', '/api/v1/nothing'), 404, 'route_unknown');
    await expectRefused(() => http('POST', WORKSPACES, '{"name":'), 400, 'invalid_json');
    await expectRefused(
      () => http('POST', WORKSPACES, `{"name":"x","role":"${'y'.repeat(BODY_LIMIT_BYTES)}"}`),
      413,
      'body_too_large',
    );
    await expectRefused(
      () => http('POST', WORKSPACES, '<x/>', { headers: { 'content-type': 'application/xml' } }),
      415,
      'unsupported_media_type',
    );
    await expectRefused(() => http('POST', WORKSPACES, { name: 'x', surprise: true }), 400, 'invalid_request');
    await expectRefused(() => http('POST', WORKSPACES, { name: 'a\u0000b' }), 400, 'invalid_request');
    await expectRefused(() => http('GET', `${WORKSPACES}?cursor=nonsense`), 400, 'cursor_invalid');
    await expectRefused(() => http('GET', `${WORKSPACES}/${randomUUID()}`), 404, 'workspace_not_found');
  },
);

test(
  verifies('I2-bad-names', 'unknown runtime, template and model, and a name that is taken, make nothing'),
  async () => {
    const refused = (body: unknown, status: number, code: string) =>
      expectRefused(() => http('POST', WORKSPACES, body), status, code);
    expect((await refused({ name: 'x', runtime: 'no-such-runtime' }, 400, 'runtime_unknown')).hint).toContain(
      'molecule-agent',
    );
    expect((await refused({ name: 'x', template: 'no-such-template' }, 400, 'template_unknown')).hint).toContain(
      'blank-agent',
    );
    await refused({ name: 'x', model: 'nobody/nothing' }, 400, 'model_invalid');
    await refused({ name: 'x', model: 'nonsense' }, 400, 'model_invalid');
    await refused({ name: 'research' }, 409, 'workspace_name_taken');
    await refused({ name: 'RESEARCH' }, 409, 'workspace_name_taken');
    for (const flags of [
      ['--runtime', 'nope'],
      ['--template', 'nope'],
      ['--model', 'nope/nope'],
      ['--parent', 'nope'],
    ]) {
      const cli = await house.cli('--json', 'ws', 'create', 'x', ...flags);
      expect(cli.code, flags.join(' ')).toBe(1);
      expect(JSON.parse(cli.stdout)).toMatchObject({
        type: 'error',
        code: expect.any(String),
        hint: expect.stringMatching(/./),
      });
    }
  },
);

test(verifies('I2-bad-parent', 'a parent in another org does not exist for this one'), async () => {
  const [org, foreign] = [randomUUID(), randomUUID()];
  const database = house.openDatabase();
  try {
    await database.kysely.insertInto('orgs').values({ id: org, name: 'Other org' }).execute();
    await sql`insert into workspaces (id, org_id, name, runtime, status, created_by) values (${foreign}, ${org}, 'theirs', 'molecule-agent', 'paused', 'test')`.execute(
      database.kysely,
    );
  } finally {
    await database.close();
  }
  await expectRefused(() => http('POST', WORKSPACES, { name: 'x', parentId: foreign }), 404, 'parent_not_found');
  await expectRefused(() => http('GET', `${WORKSPACES}/${foreign}`), 404, 'workspace_not_found');
});

/** The agent of a workspace that has just answered: its process holds the workspace's own token. */
async function agentOf(name: string): Promise<FoundProcess & { workspaceId: string }> {
  expect((await house.cli('chat', name, 'hello')).code).toBe(0);
  const { id } = (await http<Answer>('GET', `${WORKSPACES}/${name}`)).body;
  const isAgent = ({ environment }: FoundProcess): boolean =>
    environment['MOLECULE_WORKSPACE_ID'] === id && environment['MOLECULE_API_KEY'] !== undefined;
  const found = processesOf(house.dataDir).find(isAgent);
  if (found === undefined) throw new Error(`no process of ${name} runs`);
  return { ...found, workspaceId: id };
}

test(
  verifies(
    ['I2-bad-promote', 'T15'],
    "a box that registers as platform with its workspace's own token is refused and stays what it is",
  ),
  async () => {
    const { environment, workspaceId } = await agentOf('research');
    const token = environment['MOLECULE_API_KEY'] ?? '';
    const bootId = await bootOf(workspaceId);
    const claim = {
      bootId,
      generation: 1,
      runtime: 'molecule-agent',
      runtimeVersion: null,
      kind: 'platform',
      proofs: [],
    };
    expect(await http('POST', '/api/v1/registry/register', claim, { token })).toMatchObject({
      status: 403,
      body: { code: 'kind_forbidden' },
    });
    expect((await http('GET', `${WORKSPACES}/research`)).body).toMatchObject({ kind: 'workspace', status: 'online' });
  },
);

test(
  verifies(['I2-bad-lie', 'T23'], 'a box that lies in its heartbeat gets no tool, no key and no right'),
  async () => {
    const { environment, workspaceId } = await agentOf('research');
    const token = environment['MOLECULE_API_KEY'] ?? '';
    expect(environment['MOLECULE_ORG_API_KEY']).toBeUndefined();
    const lie = {
      bootId: await bootOf(workspaceId),
      generation: 1,
      configuration_status: 'ready',
      mcp_server_present: true,
      mcp_tools_ready: true,
      loaded_mcp_tools: [toolId(MANAGEMENT_SERVER_NAME, 'provision_workspace')],
      proofs: [{ server: MANAGEMENT_SERVER_NAME, rung: 'live', ok: true, reason: null }],
    };
    const beat = await http<Record<string, unknown>>('POST', '/api/v1/registry/heartbeat', lie, { token });
    expect(JSON.stringify(beat.body)).not.toMatch(/mol_/);
    const listed = await mcp(token, 'tools/list', {});
    expect(JSON.stringify(listed)).not.toContain('provision_workspace');
    expect(
      JSON.stringify(await mcp(token, 'tools/call', { name: 'provision_workspace', arguments: { name: 'stolen' } })),
    ).toMatch(/error/i);
    expect((await http('GET', `${WORKSPACES}/stolen`)).status).toBe(404);
    expect((await http('POST', WORKSPACES, { name: 'stolen' }, { token })).status).toBe(403);
    expect((await http('POST', '/mcp', {}, { token, headers: { 'molecule-mcp-mode': 'management' } })).status).toBe(
      403,
    );
  },
);

async function bootOf(workspaceId: string): Promise<string> {
  const database = house.openDatabase();
  try {
    const row = await database.kysely
      .selectFrom('workspaces')
      .select('boot_id')
      .where('id', '=', workspaceId)
      .executeTakeFirst();
    return row?.boot_id ?? '';
  } finally {
    await database.close();
  }
}

async function mcp(token: string, method: string, params: unknown): Promise<unknown> {
  const reply = await http(
    'POST',
    '/mcp',
    { jsonrpc: '2.0', id: 1, method, params },
    { token, headers: { accept: 'application/json, text/event-stream' } },
  );
  return reply.body;
}
