import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, expect, test } from 'vitest';
import { call, until } from '../plane.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from '../plugins/plugin-plane.ts';

const FORK = {
  ...pluginFiles('harmless'),
  'mcp.json': JSON.stringify({
    mcpServers: { harmless: { command: 'molecule-platform-mcp', env: { MOLECULE_MCP_MODE: 'management' } } },
  }),
};
/** Every spelling of the privileged plugin, and a fork of it under another name, with what is told of each: the last is known only when it was fetched. */
const PRIVILEGED = [
  'builtin:molecule-platform-mcp',
  'github:me/molecule-platform-mcp',
  'GITHUB:me/Molecule_Platform_MCP.git#main',
];

const LIMIT = { timeout: 120_000 };

let plane: PluginPlane;
beforeEach(async () => {
  plane = await pluginPlane();
  plane.git.commit('me/molecule-platform-mcp', pluginFiles('tools'));
  plane.git.commit('me/fork', FORK);
  plane.git.commit('o/tools', pluginFiles('tools'), { tag: 'v1' });
});

async function send(path: string, body: string, type = 'application/yaml', token = plane.ownerToken) {
  const response = await fetch(`${plane.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body,
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes, looked at by the tests
  return { status: response.status, body: (await response.json()) as any };
}

/** What exists besides the concierge: nothing of a refused document may. */
async function rows() {
  const workspaces = await plane.db.selectFrom('workspaces').select('name').where('kind', '=', 'workspace').execute();
  const declared = await plane.db
    .selectFrom('workspace_declared_plugins')
    .select('name')
    .where('protected', '=', false)
    .execute();
  const installed = await plane.db.selectFrom('workspace_plugins').select('name').execute();
  const grants = await plane.db
    .selectFrom('audit')
    .select('target')
    .where('action', '=', 'plugin.grant')
    .where('target', '<>', plane.concierge)
    .execute();
  return { workspaces: workspaces.map(({ name }) => name), plugins: [...declared, ...installed].length, grants };
}
const NOTHING = { workspaces: [], plugins: 0, grants: [] };

const lockOf = async (source: string, name: string) => {
  await plane.ask('POST', '/api/v1/workspaces/Concierge/plugins', { source });
  const { body } = await plane.ask('GET', '/api/v1/workspaces/Concierge/plugins/lock');
  await plane.ask('DELETE', `/api/v1/workspaces/Concierge/plugins/${name}`);
  return JSON.stringify(body);
};

test(
  verifies(
    ['I4-entitle-one', 'B30', 'B27', 'T12', 'T13', 'T16'],
    'a workspace.yaml that asks for the privileged plugin, in any spelling: refused and told, the others are declared',
  ),
  LIMIT,
  async () => {
    await plane.host();
    const made = await send(
      '/workspaces/import',
      `name: research
role: Finds things out.   # a comment
runtime: test-runtime
plugins:
${[...PRIVILEGED, 'github:me/fork', 'github:o/tools#v1', 'builtin:seo-all'].map((source) => `  - ${source}\n`).join('')}`,
    );
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body.refused.map(({ code }: { code: string }) => code)).toEqual(['plugin_not_entitled']);
    // Spellings of one name are one plugin, and the fork is known for what it is when it is fetched.
    const items = await until(
      async () => (await plane.ask('GET', '/api/v1/workspaces/research/plugins')).body.items,
      (list) => list.every(({ state }: { state: string }) => state !== 'waiting'),
      30_000,
    );
    expect(
      items.map(({ name, failure }: { name: string; failure: { code: string } | null }) => [name, failure?.code]),
    ).toEqual([
      ['a2a', undefined],
      ['fork', 'plugin_not_entitled'],
      ['seo-all', undefined],
      ['tools', undefined],
    ]);
    expect((await rows()).grants).toEqual([]);
  },
);

test.each(PRIVILEGED)(
  verifies(
    ['I4-entitle-one', 'I4-entitle-zero', 'T7', 'T13'],
    'a lock of %s, for one workspace or in an org: refused as a whole, with zero rows and an entry in the history',
  ),
  LIMIT,
  async (source) => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const lock = JSON.stringify({
      version: 1,
      plugins: [{ name: 'molecule-platform-mcp', source, resolved: source, digest }],
    });
    const one = await send('/workspaces/import', `{name: one, runtime: test-runtime, lock: ${lock}}`);
    expect([one.status, one.body.code]).toEqual([403, 'plugin_not_entitled']);
    const org = await send(
      '/org/import',
      `version: 1\nworkspaces:\n- {name: good, runtime: test-runtime}\n- {name: bad, runtime: test-runtime, lock: ${lock}}\n`,
    );
    expect([org.status, org.body.code]).toEqual([403, 'plugin_not_entitled']);
    expect(await rows()).toEqual(NOTHING);
    const events = await plane.db.selectFrom('events').select('type').where('type', '=', 'plugin.refused').execute();
    expect(events).toHaveLength(2);
  },
);

test(
  verifies(
    ['I4-entitle-one', 'I4-entitle-identity', 'I4-entitle-zero', 'T16'],
    'a fork that the concierge may have is refused to a workspace by its lock, whatever it is called there',
  ),
  LIMIT,
  async () => {
    const lock = await lockOf('github:me/fork', 'harmless');
    expect(lock).toContain('harmless');
    for (const body of [
      { path: '/workspaces/import', text: `{name: one, runtime: test-runtime, lock: ${lock}}` },
      { path: '/org/import', text: `{version: 1, workspaces: [{name: one, runtime: test-runtime, lock: ${lock}}]}` },
    ]) {
      const refused = await send(body.path, body.text);
      expect([refused.status, refused.body.code]).toEqual([403, 'plugin_not_entitled']);
    }
    expect(await rows()).toEqual(NOTHING);
  },
);

test(
  verifies(
    ['I4-entitle-one', 'B23', 'T8', 'T9'],
    'no document makes a concierge, and what is not right in one makes nothing of it',
  ),
  LIMIT,
  async () => {
    const bad: readonly [string, string, string][] = [
      ['/workspaces/import', 'name: x\nkind: platform\n', 'invalid_request'],
      ['/workspaces/import', '{name: x, template: platform-agent}', 'concierge_exists'],
      ['/workspaces/import', 'name: [', 'invalid_yaml'],
      ['/workspaces/import', 'name: a\nname: b\n', 'invalid_yaml'],
      ['/workspaces/import', '{name: x, runtime: test-runtime, parent: nobody}', 'parent_not_found'],
      ['/workspaces/import', '{name: x, runtime: none-such}', 'runtime_unknown'],
      ['/workspaces/import', '{name: x, runtime: test-runtime, model: nobody/none}', 'model_invalid'],
      ['/workspaces/import', '{name: x, __proto__: {kind: platform}}', 'invalid_request'],
      ['/org/import', '{version: 1, workspaces: [{name: a, runtime: test-runtime}, {name: A}]}', 'document_invalid'],
      ['/org/import', '{version: 1, workspaces: [{name: a, parent: b}, {name: b, parent: a}]}', 'document_invalid'],
      [
        '/org/import',
        '{version: 1, workspaces: [{name: a, runtime: test-runtime}, {name: Concierge, runtime: test-runtime}]}',
        'workspace_name_taken',
      ],
    ];
    for (const [path, text, code] of bad) {
      const answer = await send(path, text);
      expect([answer.body.code, answer.status >= 400], `${text}: ${JSON.stringify(answer.body)}`).toEqual([code, true]);
    }
    const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\n${[...'bcdefgh'].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[at]}`).join(',')}]`).join('\n')}\nname: x\n`;
    expect((await send('/workspaces/import', bomb)).body.code).toBe('invalid_yaml');
    expect(await rows()).toEqual(NOTHING);
  },
);

test(
  verifies(
    ['I4-lockfile', 'I4-entitle-one'],
    'an org is exported and imported: tree, models, templates and exact plugins come back',
  ),
  LIMIT,
  async () => {
    await plane.ask('POST', '/api/v1/workspaces', { name: 'lead', runtime: 'test-runtime', role: 'Leads.' });
    const lead = (await plane.ask('GET', '/api/v1/workspaces/lead')).body;
    await plane.ask('POST', '/api/v1/workspaces', {
      name: 'seo',
      runtime: 'test-runtime',
      template: 'seo-agent',
      model: 'demo/scripted',
      parentId: lead.id,
    });
    await plane.ask('POST', '/api/v1/workspaces/seo/plugins', { source: 'github:o/tools#v1' });
    await plane.ask('POST', '/api/v1/workspaces/lead/plugins', { source: 'builtin:seo-all' });
    const document = (await plane.ask('GET', '/api/v1/org/export')).body;
    expect(document).toEqual({
      version: 1,
      workspaces: [
        {
          name: 'lead',
          template: 'blank-agent',
          runtime: 'test-runtime',
          role: 'Leads.',
          plugins: ['builtin:seo-all'],
        },
        {
          name: 'seo',
          template: 'seo-agent',
          runtime: 'test-runtime',
          model: 'demo/scripted',
          parent: 'lead',
          lock: {
            version: 1,
            plugins: [
              {
                name: 'tools',
                source: 'github:o/tools#v1',
                resolved: expect.stringMatching(/#[0-9a-f]{40}$/),
                digest: expect.stringMatching(/^sha256:/),
              },
            ],
          },
        },
      ],
    });
    for (const name of ['seo', 'lead']) await plane.ask('DELETE', `/api/v1/workspaces/${name}`, { confirmName: name });
    // The one below stands first in the file.
    const turned = { ...document, workspaces: [...document.workspaces].reverse() };
    const imported = await send('/org/import', JSON.stringify(turned), 'application/json');
    expect(imported.status, JSON.stringify(imported.body)).toBe(201);
    expect(imported.body.items.map(({ workspace }: { workspace: { name: string } }) => workspace.name)).toEqual([
      'lead',
      'seo',
    ]);
    expect((await plane.ask('GET', '/api/v1/org/export')).body).toEqual(document);
    expect((await plane.ask('GET', '/api/v1/workspaces/seo/export')).body).toEqual(document.workspaces[1]);
  },
);

test(verifies('I4-entitle-one', 'documents need the rights of what they do'), LIMIT, async () => {
  const lock = await lockOf('github:o/tools#v1', 'tools');
  const token = async (scopes: Parameters<typeof mintToken>[1]['scopes']) =>
    (await mintToken(plane.db, { orgId: plane.orgId, kind: 'person', name: 'a', scopes, userId: null })).value;
  const document = `{name: one, runtime: test-runtime, lock: ${lock}}`;
  const writer = await token(['workspaces:write']);
  expect((await send('/workspaces/import', document, 'application/yaml', writer)).body.code).toBe('scope_missing');
  expect((await send('/org/import', `{version: 1, workspaces: []}`, 'application/yaml', writer)).body.code).toBe(
    'scope_missing',
  );
  expect((await call(plane.url, writer, 'GET', '/api/v1/org/export')).body.code).toBe('scope_missing');
  expect(await rows()).toEqual(NOTHING);
  const both = await token(['workspaces:write', 'plugins:write']);
  expect((await send('/workspaces/import', document, 'application/yaml', both)).status).toBe(201);
});

test('who may create workspaces and not install plugins cannot bring any along, one by one or in a document', async () => {
  const { value } = await mintToken(plane.db, {
    orgId: plane.orgId,
    kind: 'person',
    name: 'creator',
    scopes: ['workspaces:write'],
    userId: null,
  });
  const wish = { name: 'two', runtime: 'test-runtime', plugins: ['builtin:seo-all'] };
  for (const path of ['/workspaces', '/workspaces/import'])
    expect(await send(path, JSON.stringify(wish), 'application/json', value)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', params: { scope: 'plugins:write' } },
    });
  expect(await rows()).toEqual(NOTHING);
});
