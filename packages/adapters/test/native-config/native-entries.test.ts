import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { homeLayout, nativeConfigOf } from '../../src/home/index.ts';
import { adapterFor, boxLayout, knownRuntimes } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';

/** References to a variable of the same name, of another name, and to a secret; a required server of stdio and one of HTTP. */
const LOCAL = server('local', {
  type: 'stdio',
  command: 'node',
  args: ['--url=${URL}'],
  env: { A: '${A}', RENAMED: '${secret:S}' },
});
const PLAIN = server('plain', { type: 'stdio', command: 'node', args: ['x.js'], env: { A: '${A}' } });
const REMOTE = server('remote', {
  type: 'http',
  url: 'http://h/mcp',
  headers: { Authorization: 'Bearer ${T}', 'X-Org': '${ORG}' },
});
const BRACES = { A: '${A}', RENAMED: '${S}' };
const HEADERS = { Authorization: 'Bearer ${T}', 'X-Org': '${ORG}' };

/** What stands in each runtime's file, as its own documents and our runs of it say. */
const ENTRIES: Readonly<Record<string, { readonly local: unknown; readonly remote: unknown }>> = {
  'claude-code': {
    local: { type: 'stdio', command: 'node', args: ['--url=${URL}'], env: BRACES, alwaysLoad: true },
    remote: { type: 'http', url: 'http://h/mcp', headers: HEADERS, alwaysLoad: true },
  },
  codex: {
    // It expands nothing itself; a shell does where the name in the server is another one.
    local: {
      command: '/bin/sh',
      args: ['-c', 'A="${A?}" RENAMED="${S?}" exec "node" "--url=${URL?}"'],
      env_vars: ['URL', 'A', 'S'],
      default_tools_approval_mode: 'approve',
      required: true,
    },
    remote: {
      url: 'http://h/mcp',
      bearer_token_env_var: 'T',
      env_http_headers: { 'X-Org': 'ORG' },
      default_tools_approval_mode: 'approve',
      required: true,
    },
  },
  'gemini-cli': {
    local: { command: 'node', args: ['--url=${URL}'], env: BRACES, trust: true },
    remote: { httpUrl: 'http://h/mcp', headers: HEADERS, trust: true },
  },
  opencode: {
    local: {
      type: 'local',
      command: ['node', '--url={env:URL}'],
      environment: { A: '{env:A}', RENAMED: '{env:S}' },
      enabled: true,
    },
    remote: {
      type: 'remote',
      url: 'http://h/mcp',
      headers: { Authorization: 'Bearer {env:T}', 'X-Org': '{env:ORG}' },
      oauth: false,
      enabled: true,
    },
  },
  'qwen-code': {
    local: { command: 'node', args: ['--url=${URL}'], env: BRACES, trust: true, alwaysLoadTools: true },
    remote: { httpUrl: 'http://h/mcp', headers: HEADERS, trust: true, alwaysLoadTools: true },
  },
  'copilot-cli': {
    local: { type: 'local', command: 'node', args: ['--url=${URL}'], env: BRACES, tools: ['*'] },
    remote: { type: 'http', url: 'http://h/mcp', headers: HEADERS, tools: ['*'] },
  },
  hermes: {
    local: { command: 'node', args: ['--url=${URL}'], env: BRACES },
    remote: { url: 'http://h/mcp', headers: HEADERS },
  },
  openclaw: {
    local: { command: 'node', args: ['--url=${URL}'], env: BRACES },
    remote: { url: 'http://h/mcp', headers: HEADERS, transport: 'streamable-http' },
  },
  'molecule-agent': {
    local: { type: 'stdio', command: 'node', args: ['--url=${URL}'], env: BRACES, required: true },
    remote: { type: 'http', url: 'http://h/mcp', headers: HEADERS, required: true },
  },
};

test.each(knownRuntimes())(
  verifies(['I3-env-reference', 'B102', 'B72'], '%s: variables are referred to in its own syntax, with its switches'),
  async (runtime) => {
    const native = await nativeConfigOf(runtime);
    expect({ local: native?.toNative(LOCAL), remote: native?.toNative(REMOTE) }).toEqual(ENTRIES[runtime]);
  },
);

test(
  verifies('I3-env-reference', 'where a variable only has to be passed on, codex is told its name and no shell'),
  async () => {
    const native = await nativeConfigOf('codex');
    expect(native?.toNative(PLAIN)).toEqual({
      command: 'node',
      args: ['x.js'],
      env_vars: ['A'],
      default_tools_approval_mode: 'approve',
      required: true,
    });
  },
);

test(
  verifies(
    'I3-env-reference',
    'a value that equals the name of a variable is a reference in Copilot: none of ours is bare',
  ),
  async () => {
    const native = await nativeConfigOf('copilot-cli');
    const entry = native?.toNative(PLAIN);
    expect(entry?.['env']).toEqual({ A: '${A}' });
  },
);

test(
  verifies('I3-deferred', 'the tools of a required server are offered at once where a runtime defers them'),
  async () => {
    const [claude, qwen] = [await nativeConfigOf('claude-code'), await nativeConfigOf('qwen-code')];
    expect(claude?.toNative(PLAIN)).toMatchObject({ alwaysLoad: true });
    expect(claude?.toNative({ ...PLAIN, required: false })).not.toHaveProperty('alwaysLoad');
    expect(qwen?.toNative(PLAIN)).toMatchObject({ alwaysLoadTools: true });
    const environment = adapterFor('claude-code').environment({
      layout: boxLayout('/box'),
      model: { kind: 'none', reason: 'none' } as never,
      apiUrl: 'http://127.0.0.1:1',
      apiKey: 'k',
      base: {},
      hostEnv: {},
    });
    expect(environment['ENABLE_TOOL_SEARCH']).toBe('false');
  },
);

describe('where Claude Code keeps its servers', () => {
  const rendered = (layout: ReturnType<typeof boxLayout>) => {
    const adapter = adapterFor('claude-code');
    const files = adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: null }));
    return adapter
      .render({ layout, files, servers: [PLAIN], identity: null, skills: [], ledger: null })
      .writes.map(({ path }) => path);
  };

  test(
    verifies('I3-place-claude', 'in .claude.json of its configuration folder in a box, beside that folder at a person'),
    () => {
      expect(rendered(boxLayout('/box'))).toEqual(['/box/home/.claude/.claude.json']);
      expect(rendered(homeLayout('/home/p'))).toEqual(['/home/p/.claude.json']);
    },
  );

  test(verifies('I3-place-claude', 'never in settings.json, whatever stands there'), () => {
    const adapter = adapterFor('claude-code');
    for (const layout of [boxLayout('/box'), homeLayout('/home/p')])
      expect(adapter.nativeFiles(layout).some(({ path }) => path.endsWith('settings.json'))).toBe(false);
  });
});
