import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { adapterFor, boxLayout, knownRuntimes, type RuntimeAdapter, type SessionContext } from '../../src/index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const json = (
  path: string,
): { dependencies?: Record<string, string>; packages?: Record<string, { version?: string }> } =>
  JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
/** Package of each runtime that is run. */
const PACKAGES: Readonly<Record<string, string>> = {
  'claude-code': '@anthropic-ai/claude-code',
  codex: '@openai/codex',
  'gemini-cli': '@google/gemini-cli',
  opencode: 'opencode-ai',
  'qwen-code': '@qwen-code/qwen-code',
  'copilot-cli': '@github/copilot',
};

describe('the real CLIs', () => {
  test(
    verifies('I3-clis-pinned', 'have one exact version each, in a lockfile of their own, which is the tested one'),
    () => {
      const wanted = json('tests/runtimes/package.json').dependencies ?? {};
      const locked = json('tests/runtimes/package-lock.json').packages ?? {};
      expect(Object.keys(wanted).sort()).toEqual(Object.values(PACKAGES).sort());
      for (const [runtime, name] of Object.entries(PACKAGES)) {
        expect([name, wanted[name]]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
        expect([name, locked[`node_modules/${name}`]?.version]).toEqual([name, wanted[name]]);
        const { testedVersion } = adapterFor(runtime).capabilities;
        if (testedVersion !== null) expect([name, testedVersion]).toEqual([name, wanted[name]]);
      }
    },
  );

  test(
    verifies('I3-clis-pinned', 'are no part of the product: neither its lockfile nor a file of it knows them'),
    () => {
      const locked = Object.keys(json('package-lock.json').packages ?? {});
      for (const name of Object.values(PACKAGES))
        expect(locked.filter((path) => path.endsWith(`/${name}`))).toEqual([]);
      // The installer of these CLIs lies beside the product's own; only the tests' command may call it.
      const installer = 'tools/bootstrap/runtimes.mjs';
      const bootstrap = [...sources('tools/bootstrap'), 'tools/bootstrap.mjs'].filter((path) => path !== installer);
      const product = ['molecule', ...sources('packages'), ...bootstrap];
      expect(product.length).toBeGreaterThan(300);
      expect(
        product.filter((path) => /tests\/runtimes|\/runtimes\.mjs/.test(readFileSync(join(ROOT, path), 'utf8'))),
      ).toEqual([]);
    },
  );
});

/** What switches each off: variables, settings in its file, or arguments. */
const QUIET: Readonly<Record<string, readonly string[]>> = {
  'claude-code': ['DISABLE_AUTOUPDATER=1', 'DISABLE_TELEMETRY=1', 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1'],
  codex: ['check_for_update_on_startup=false', 'analytics.enabled=false'],
  'gemini-cli': ['GEMINI_TELEMETRY_ENABLED=false', '"usageStatisticsEnabled": false', '"enableAutoUpdate": false'],
  opencode: ['OPENCODE_DISABLE_AUTOUPDATE=1', '"autoupdate":false', '"share":"disabled"'],
  'qwen-code': ['"usageStatisticsEnabled": false', '"enableAutoUpdate": false'],
  'copilot-cli': ['COPILOT_AUTO_UPDATE=false', 'COPILOT_OFFLINE=true'],
};

test.each(Object.keys(PACKAGES))(
  verifies('I3-clis-quiet', '%s runs in the home of its box, with telemetry and updates off'),
  async (runtime) => {
    const adapter = adapterFor(runtime);
    const { context, text } = await boxOf(adapter);
    expect(context.env['HOME']).toBe(context.layout.home);
    // Every path that is told to it lies in its own box.
    for (const [name, value] of Object.entries(context.env))
      if (/_HOME$|_DIR$/.test(name)) expect([name, value]).toEqual([name, expect.stringMatching(/^\/box\//)]);
    for (const { path } of adapter.nativeFiles(context.layout)) expect(path.startsWith('/box/')).toBe(true);
    for (const each of QUIET[runtime] ?? ['nothing is known']) expect(text).toContain(each);
  },
);

test(verifies('I3-clis-quiet', 'no runtime that is run is missing here'), () => {
  const run = knownRuntimes().filter(
    (runtime) => adapterFor(runtime).capabilities.tested === 'run' && runtime !== 'molecule-agent',
  );
  expect(run.sort()).toEqual(Object.keys(PACKAGES).sort());
});

/** What a process of the runtime is started with: environment, rendered files and arguments. */
async function boxOf(adapter: RuntimeAdapter): Promise<{ context: SessionContext; text: string }> {
  const layout = boxLayout('/box');
  const model = {
    kind: 'gateway',
    provider: 'demo',
    model: 'demo/scripted',
    demo: true,
    paths: { anthropic: '/a', openaiResponses: '/r', openaiChat: '/c', google: '/g' },
  } as const;
  const env = adapter.environment({ layout, model, apiUrl: 'http://127.0.0.1:1', apiKey: 'k', base: {}, hostEnv: {} });
  const started: string[] = [];
  const context: SessionContext = {
    layout,
    detection: { available: true, path: '/cli', version: null, problem: null, hasLogin: false, readPaths: [] },
    model,
    env,
    allowedServers: [],
    spawn: async ({ args }) => {
      started.push(...args);
      throw new Error('it is only looked at how it would be started');
    },
    now: Date.now,
    warmMs: 0,
    prewarm: true,
    log: () => undefined,
  };
  const session = adapter.openSession(context);
  await expect
    .poll(() => started.length + (context.env['HOME'] === undefined ? 1 : 0), { timeout: 5_000 })
    .toBeGreaterThan(0);
  await session.close(0);
  const files = adapter.render({
    layout,
    files: adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: null })),
    servers: [
      {
        name: 'x',
        plugin: 'p',
        required: true,
        requiredTools: [],
        witnessed: false,
        descriptor: { type: 'stdio', command: 'node', args: [], env: {} },
      } as never, // branded names
    ],
    identity: null,
    skills: [],
    ledger: null,
  });
  const parts = [
    ...Object.entries(env).map((pair) => pair.join('=')),
    ...started,
    ...files.writes.map(({ text }) => text ?? ''),
  ];
  return { context, text: parts.join('\n') };
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)src\/|^[^/]+$/.test(name) && /\.(?:ts|cts|tsx|mjs)$/.test(name))
    .filter((name) => !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
