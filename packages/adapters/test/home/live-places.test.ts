import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV, MANAGEMENT_SERVER_NAME, StdioDescriptor } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor, boxLayout, knownRuntimes } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';

const LAYOUT = boxLayout('/box');

/** By each runtime's own documentation: the variable that says where it looks, and the file below that place. */
const DOCUMENTED: Readonly<Record<string, readonly [variable: string, file: string]>> = {
  'claude-code': ['CLAUDE_CONFIG_DIR', '.claude.json'],
  codex: ['CODEX_HOME', 'config.toml'],
  'gemini-cli': ['HOME', '.gemini/settings.json'],
  opencode: ['XDG_CONFIG_HOME', 'opencode/opencode.json'],
  'qwen-code': ['HOME', '.qwen/settings.json'],
  'copilot-cli': ['COPILOT_HOME', 'mcp-config.json'],
  hermes: ['HERMES_HOME', 'config.yaml'],
  openclaw: ['HOME', '.openclaw/openclaw.json'],
  'molecule-agent': ['MOLECULE_AGENT_HOME', 'config.json'],
};
/** The management server as its plugin declares it. */
const DECLARED = StdioDescriptor.parse({
  type: 'stdio',
  ...(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../../plugins/molecule-platform-mcp/mcp.json'), 'utf8'),
    ) as { mcpServers: Record<string, object> }
  ).mcpServers[MANAGEMENT_SERVER_NAME],
});
const BASE = {
  PATH: '/usr/bin',
  [ENV.apiUrl]: 'http://127.0.0.1:1',
  [ENV.apiKey]: 'box-key',
  [ENV.orgApiKey]: 'org-key',
  [ENV.orgId]: 'org-id',
};

function environmentOf(runtime: string): Readonly<Record<string, string>> {
  return adapterFor(runtime).environment({
    layout: LAYOUT,
    model: { kind: 'gateway', provider: 'demo', model: 'scripted', paths: {}, demo: true },
    apiUrl: 'http://127.0.0.1:1',
    apiKey: 'box-key',
    base: BASE,
    hostEnv: {},
  });
}

test.each(knownRuntimes())(
  verifies('I41', 'what is written and read back for %s is the file that its process is told to use'),
  (runtime) => {
    const adapter = adapterFor(runtime);
    const files = adapter.nativeFiles(LAYOUT).map(({ id, path }) => ({ id, path, text: null }));
    const wish = [server(MANAGEMENT_SERVER_NAME, DECLARED)];
    const outcome = adapter.render({ layout: LAYOUT, files, servers: wish, identity: null, skills: [], ledger: null });
    const [variable, file] = DOCUMENTED[runtime] ?? ['', ''];
    const place = environmentOf(runtime)[variable];
    expect(place, variable).toBeTypeOf('string');
    expect(outcome.writes.map(({ path }) => path)).toEqual([join(place ?? '', file)]);
    // The probe reads that very text.
    const written = files.map((each) => ({
      ...each,
      text: outcome.writes.find(({ id }) => id === each.id)?.text ?? null,
    }));
    expect(Object.keys(adapter.read(written, LAYOUT))).toEqual([MANAGEMENT_SERVER_NAME]);
  },
);

test.each(knownRuntimes())(
  verifies(['I43', 'B42'], 'the management server as a child of %s has each credential under the name that it reads'),
  (runtime) => {
    const adapter = adapterFor(runtime);
    const files = adapter.nativeFiles(LAYOUT).map(({ id, path }) => ({ id, path, text: null }));
    const wish = [server(MANAGEMENT_SERVER_NAME, DECLARED)];
    const outcome = adapter.render({ layout: LAYOUT, files, servers: wish, identity: null, skills: [], ledger: null });
    const written = files.map((each) => ({
      ...each,
      text: outcome.writes.find(({ id }) => id === each.id)?.text ?? null,
    }));
    const loaded = adapter.read(written, LAYOUT)[MANAGEMENT_SERVER_NAME];
    if (loaded === undefined) throw new Error(`${runtime} would not load the server`);
    expect(adapter.childEnvironment(environmentOf(runtime), loaded)).toMatchObject({
      MOLECULE_API_URL: 'http://127.0.0.1:1',
      MOLECULE_ORG_API_KEY: 'org-key',
      MOLECULE_ORG_ID: 'org-id',
      MOLECULE_MCP_MODE: 'management',
    });
  },
);
