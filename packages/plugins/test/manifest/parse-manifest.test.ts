import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { parseManifest, type TreeFile } from '../../src/index.ts';

const tree = (files: Readonly<Record<string, string | object>>): TreeFile[] =>
  Object.entries(files).map(([path, content]) => ({
    path,
    executable: false,
    content: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  }));
const parse = (files: Readonly<Record<string, string | object>>, label = 'github:o/some_Tools#main') =>
  parseManifest(tree(files), label);

describe('accepted shapes', () => {
  test(
    verifies(
      ['I4-manifests', 'I4-skills', 'B64'],
      'plugin.json with our namespace: servers, skills, instructions, setup',
    ),
    () => {
      expect(
        parse({
          'plugin.json': {
            name: 'demo',
            version: '2.1.0',
            displayName: 'Demo',
            description: 'd',
            author: { name: 'somebody' },
            molecule: {
              required: true,
              servers: { b: { required: true, requiredTools: ['x'] } },
              instructions: ['docs/how.md'],
              runtimes: ['codex'],
              setup: { command: 'node', args: ['./setup.mjs'], secrets: ['TOKEN'] },
            },
          },
          'mcp.json': {
            mcpServers: {
              b: { command: 'node', args: ['./b.mjs'] },
              a: { type: 'http', url: 'https://example.org/mcp', headers: { authorization: 'Bearer ${secret:A}' } },
            },
          },
          'skills/two/SKILL.md': '2',
          'skills/one/SKILL.md': '1',
          'skills/one/ref/SKILL.md': 'inner',
          'docs/how.md': 'Like this.',
        }),
      ).toEqual({
        name: 'demo',
        version: '2.1.0',
        title: 'Demo',
        description: 'd',
        entitlement: 'ordinary',
        required: true,
        runtimes: ['codex'],
        dropped: [],
        servers: [
          {
            name: 'a',
            required: false,
            requiredTools: [],
            descriptor: {
              type: 'http',
              url: 'https://example.org/mcp',
              headers: { authorization: 'Bearer ${secret:A}' },
            },
          },
          {
            name: 'b',
            required: true,
            requiredTools: ['x'],
            descriptor: { type: 'stdio', command: 'node', args: ['./b.mjs'], env: {} },
          },
        ],
        skills: [
          { name: 'one', path: 'skills/one' },
          { name: 'two', path: 'skills/two' },
        ],
        instructions: [{ path: 'docs/how.md', text: 'Like this.' }],
        setup: { command: 'node', args: ['./setup.mjs'], secrets: ['TOKEN'] },
      });
    },
  );

  test(
    verifies(
      'I4-manifests',
      'a Claude Code plugin: inline servers, .mcp.json in both spellings, named files, more skill folders; what has no counterpart is named',
    ),
    () => {
      const manifest = parse({
        '.claude-plugin/plugin.json': {
          name: 'cc',
          description: 'x',
          mcpServers: ['./more.json'],
          skills: './extra/',
          hooks: './hooks.json',
        },
        '.mcp.json': { plain: { command: 'node', args: ['${CLAUDE_PLUGIN_ROOT}/s.mjs'], cwd: '/x', timeout: 5 } },
        'more.json': { mcpServers: { web: { type: 'http', url: 'https://example.org' } } },
        'skills/a/SKILL.md': '',
        'extra/b/SKILL.md': '',
        'commands/x.md': '',
      });
      expect(manifest.servers.map(({ name, descriptor }) => [name, descriptor])).toEqual([
        ['plain', { type: 'stdio', command: 'node', args: ['${CLAUDE_PLUGIN_ROOT}/s.mjs'], env: {} }],
        ['web', { type: 'http', url: 'https://example.org', headers: {} }],
      ]);
      expect(manifest.skills.map(({ path }) => path)).toEqual(['skills/a', 'extra/b']);
      expect(manifest.dropped).toEqual(['commands', 'hooks']);
    },
  );

  test.each([
    ['bare', { one: { command: 'x' } }],
    ['wrapped', { mcpServers: { one: { command: 'x' } } }],
  ])(verifies(['I4-manifests', 'B64'], 'mcp-servers.json, %s; the name follows from the source'), (_title, content) => {
    expect(parse({ 'mcp-servers.json': content })).toMatchObject({
      name: 'some-tools',
      version: null,
      servers: [{ name: 'one' }],
    });
  });

  test(
    verifies(
      ['I4-manifests', 'B64', 'I3-place-fragment'],
      'settings-fragment.json: its servers are taken, other settings are named as left out',
    ),
    () => {
      expect(
        parse({
          'settings-fragment.json': { mcpServers: { one: { command: 'x' } }, permissions: { allow: ['*'] }, hooks: {} },
        }),
      ).toMatchObject({ servers: [{ name: 'one' }], dropped: ['hooks', 'permissions'] });
    },
  );
});

describe('hostile and broken manifests', () => {
  const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
  test.each([
    ['none at all', { 'README.md': 'x' }, /none of/],
    ['no JSON', { 'plugin.json': '{' }, /not JSON/],
    ['an array', { 'plugin.json': [] }, /plugin.json/],
    ['a prototype key', { 'plugin.json': '{"name":"x","__proto__":{"entitlement":"ordinary"}}' }, /__proto__/],
    [
      'a prototype key deep inside',
      { 'plugin.json': { name: 'x' }, 'mcp.json': '{"mcpServers":{"a":{"command":"x","env":{"constructor":"1"}}}}' },
      /constructor/,
    ],
    ['a server named like one', { 'mcp-servers.json': '{"__proto__":{"command":"x"}}' }, /__proto__/],
    ['depth', { 'plugin.json': deep }, /deeper/],
    ['size', { 'plugin.json': { name: 'x', description: 'y'.repeat(300_000) } }, /larger/],
    [
      'too many servers',
      { 'mcp-servers.json': Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`s${at}`, { command: 'x' }])) },
      /more than 50 servers/,
    ],
    [
      'a huge descriptor',
      { 'mcp-servers.json': { s: { command: 'x', args: Array.from({ length: 3_000 }, () => 'a') } } },
      /more than 100 values/,
    ],
    ['a huge value', { 'mcp-servers.json': { s: { command: 'x'.repeat(10_000) } } }, /too long/],
    ['a zero byte', { 'mcp-servers.json': { s: { command: 'x\u0000y' } } }, /zero byte/],
    ['a command that is no text', { 'mcp-servers.json': { s: { command: ['sh', '-c'] } } }, /command/],
    ['neither command nor url', { 'mcp-servers.json': { s: {} } }, /command/],
    ['an old transport', { 'mcp-servers.json': { s: { type: 'sse', url: 'https://x' } } }, /sse/],
    ['a name that climbs', { 'plugin.json': { name: '../evil' } }, /name/],
    ['a name in capitals', { 'plugin.json': { name: 'Evil' } }, /name/],
    ['an unknown key of ours', { 'plugin.json': { name: 'x', molecule: { privileged: false } } }, /molecule/],
    [
      'settings for a server that is not there',
      { 'plugin.json': { name: 'x', molecule: { servers: { ghost: {} } } } },
      /ghost/,
    ],
    ['an instruction that is missing', { 'plugin.json': { name: 'x', molecule: { instructions: ['a.md'] } } }, /a\.md/],
    [
      'a named file that is missing',
      { '.claude-plugin/plugin.json': { name: 'x', mcpServers: './none.json' } },
      /none\.json/,
    ],
  ])(verifies('I4-bad-manifest', '%s is refused with the place'), (_title, files, words) => {
    expect(() => parse(files)).toThrow(
      expect.objectContaining({ code: 'plugin_manifest_invalid', message: expect.stringMatching(words) }),
    );
    expect(({} as Record<string, unknown>)['entitlement']).toBeUndefined();
  });
});
