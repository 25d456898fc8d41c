import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, until } from '../plane.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from './plugin-plane.ts';

const FORK = {
  ...pluginFiles('harmless'),
  'mcp.json': JSON.stringify({
    mcpServers: { harmless: { command: 'molecule-platform-mcp', env: { MOLECULE_MCP_MODE: 'management' } } },
  }),
};

describe('every way to the privileged plugin', () => {
  let plane: PluginPlane;
  beforeEach(async () => {
    plane = await pluginPlane();
    plane.git.commit('me/molecule-platform-mcp', pluginFiles('tools'));
    plane.git.commit('me/fork', FORK);
    plane.git.commit('o/tools', pluginFiles('tools'));
  });
  const rows = async () => {
    const declared = await plane.db
      .selectFrom('workspace_declared_plugins')
      .select('name')
      .where('protected', '=', false)
      .execute();
    const installed = await plane.db.selectFrom('workspace_plugins').select('name').execute();
    return [...declared, ...installed].map(({ name }) => name);
  };
  const SOURCES = [
    'builtin:molecule-platform-mcp',
    'github:me/molecule-platform-mcp',
    'GITHUB:me/Molecule_Platform_MCP.git#main',
    'github:me/fork',
  ];

  test.each(SOURCES)(
    verifies(
      ['B30', 'T13', 'T16', 'I4-entitle-one', 'I4-entitle-zero', 'I4-entitle-identity', 'I4'],
      'installing %s over HTTP and by tool: refused, no row, no artifact that grants anything',
    ),
    async (source) => {
      await plane.box('one');
      expect(await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source })).toMatchObject({
        status: 403,
        body: { code: 'plugin_not_entitled' },
      });
      const token = (
        await mintToken(plane.db, {
          orgId: plane.orgId,
          kind: 'person',
          name: 'a',
          scopes: ['mcp:management', 'plugins:write'],
          userId: null,
        })
      ).value;
      const answer = await plane.tool('install_plugin', { workspace: 'one', source, wait_seconds: 0 }, token);
      expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('plugin_not_entitled') });
      expect(await rows()).toEqual([]);
      const events = await plane.db.selectFrom('events').select('type').where('type', '=', 'plugin.refused').execute();
      expect(events).toHaveLength(2);
    },
  );

  test(
    verifies(
      ['T12', 'B27', 'B32', 'I4-entitle-others', 'I4-entitle-one'],
      'a workspace that asks for it among others: the others are recorded and delivered, it is refused, the workspace is there',
    ),
    async () => {
      const made = await plane.ask('POST', '/api/v1/workspaces', {
        name: 'two',
        runtime: 'test-runtime',
        plugins: ['builtin:molecule-platform-mcp', 'github:o/tools', 'bare-name', 'builtin:seo-all', 'github:me/fork'],
      });
      expect(made.status).toBe(201);
      const items = await until(
        async () => (await plane.ask('GET', '/api/v1/workspaces/two/plugins')).body.items,
        (list) => list.filter(({ state }: { state: string }) => state !== 'waiting').length === 4,
      );
      expect(
        items.map(({ name, state, failure }: { name: string; state: string; failure: { code: string } | null }) => [
          name,
          state,
          failure?.code ?? null,
        ]),
      ).toEqual([
        ['a2a', 'ready', null],
        ['fork', 'failed', 'plugin_not_entitled'],
        ['seo-all', 'ready', null],
        ['tools', 'ready', null],
      ]);
      const refused = await plane.db
        .selectFrom('events')
        .select('data')
        .where('type', '=', 'plugin.refused')
        .where('workspace_id', '=', made.body.id)
        .orderBy('id')
        .execute();
      expect(refused.map(({ data }) => [data['source'], data['code']])).toEqual([
        ['builtin:molecule-platform-mcp', 'plugin_not_entitled'],
        ['bare-name', 'plugin_source_invalid'],
      ]);
      expect((await rows()).sort()).toEqual(['fork', 'seo-all', 'tools']);
    },
  );

  test(
    verifies(
      ['T4', 'B1', 'B21', 'B33', 'B40'],
      'the concierge has it declared and audited, another workspace has nothing of it',
    ),
    async () => {
      const { id } = await plane.box('one');
      const declared = await plane.db
        .selectFrom('workspace_declared_plugins')
        .select(['workspace_id', 'name', 'privileged'])
        .orderBy('name')
        .execute();
      expect(declared.filter((row) => row.workspace_id === plane.concierge)).toMatchObject([
        { name: 'a2a' },
        { name: 'molecule-platform-mcp', privileged: true },
      ]);
      expect(declared.filter((row) => row.workspace_id === id).map(({ name }) => name)).toEqual(['a2a']);
      const grants = await plane.db
        .selectFrom('audit')
        .select(['target', 'data'])
        .where('action', '=', 'plugin.grant')
        .execute();
      expect(grants).toEqual([
        { target: plane.concierge, data: { plugin: 'molecule-platform-mcp', source: 'builtin:molecule-platform-mcp' } },
      ]);
    },
  );

  test(
    verifies(
      ['I4-entitle-audit', 'B24', 'B31'],
      'the concierge may have a privileged plugin of others, and the grant is audited',
    ),
    async () => {
      const installed = await plane.ask('POST', '/api/v1/workspaces/Concierge/plugins', { source: 'github:me/fork' });
      expect(installed).toMatchObject({ status: 201, body: { plugin: { name: 'harmless', privileged: true } } });
      const grants = await plane.db.selectFrom('audit').select(['data']).where('action', '=', 'plugin.grant').execute();
      expect(grants).toContainEqual({ data: { plugin: 'harmless', source: 'github:me/fork' } });
      // The same content, now known as privileged, is refused elsewhere under every name.
      await plane.box('one');
      plane.git.commit('you/else', FORK);
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:you/else' })).body.code).toBe(
        'plugin_not_entitled',
      );
    },
  );

  test(
    verifies(
      ['I4-allowlist', 'I4-entitle-one'],
      'the allowlist binds every way, is set by admins alone, and names what is there against it',
    ),
    async () => {
      await plane.box('one');
      await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools' });
      const set = await plane.ask('PUT', '/api/v1/plugins/allowlist', { entries: [{ publisher: 'github:acme' }] });
      expect(set.body).toMatchObject({
        entries: [`publisher=git:${new URL(plane.git.url).host}/acme`],
        violations: [{ plugin: 'tools', source: 'github:o/tools' }],
      });
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'builtin:seo-all' })).body.code).toBe(
        'plugin_not_allowed',
      );
      const box = (
        await mintToken(plane.db, {
          orgId: plane.orgId,
          kind: 'person',
          name: 'a',
          scopes: ['plugins:write', 'plugins:read', 'mcp:management'],
          userId: null,
        })
      ).value;
      expect((await call(plane.url, box, 'PUT', '/api/v1/plugins/allowlist', { entries: null })).body.code).toBe(
        'scope_missing',
      );
      expect((await plane.tool('set_org_plugin_allowlist', { entries: null }, box)).text).toContain('scope_missing');
      expect((await plane.ask('PUT', '/api/v1/plugins/allowlist', { entries: null })).body.entries).toBeNull();
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'builtin:seo-all' })).status).toBe(
        201,
      );
    },
  );
});
