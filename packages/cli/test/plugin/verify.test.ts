import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { installedRuntime } from '../../../adapters/test/conformance/installed-runtime.ts';
import { type Ended, molecule, scratchFolder, writePlugin } from './molecule-process.ts';

const CLAUDE = installedRuntime('claude');

interface Verified {
  readonly cli: { readonly available: boolean; readonly asked: boolean };
  readonly servers: readonly {
    server: string;
    declared: boolean;
    live: boolean;
    tools: string[] | null;
    proofs: { rung: string; ok: boolean; reason: string | null }[];
  }[];
}

function place(): { home: string; folder: string } {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'home'));
  return { folder, home: join(folder, 'home') };
}

const verdict = ({ stdout }: Ended): Verified => JSON.parse(stdout);

test.each([
  ['molecule-agent', {}],
  ['claude-code', { MOLECULE_CLAUDE_CODE_PATH: CLAUDE }],
])(
  verifies(['B69', 'B103', 'I3-verify'], 'verify asks %s itself, starts the servers and lists their tools'),
  async (runtime, env) => {
    const { folder, home } = place();
    const options = ['--runtime', runtime, '--home', home];
    expect((await molecule(['plugin', 'render', writePlugin(folder, 'notes'), ...options])).code).toBe(0);
    const done = await molecule(['--json', 'plugin', 'verify', ...options], { ...env, PROBE_TOKEN: 'secret-value' });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(verdict(done).cli).toMatchObject({ available: true, asked: true });
    const [notes] = verdict(done).servers;
    expect(notes).toMatchObject({ server: 'notes', declared: true, live: true, unset: [] });
    expect(notes?.tools?.some((tool) => tool.endsWith('provision_workspace'))).toBe(true);
    expect(
      notes?.proofs.filter(({ rung }) => ['rendered', 'parsed', 'live'].includes(rung)).map(({ ok }) => ok),
    ).toEqual([true, true, true]);
    expect(done.stdout).not.toContain('secret-value');
  },
  90_000,
);

test(verifies(
  ['I3-verify', 'I3-env-placeholder'],
  'verify fails where a value is missing, where the server is broken and where the entry was taken out',
), async () => {
  const { folder, home } = place();
  const options = ['--runtime', 'codex', '--home', home];
  await molecule([
    'plugin',
    'render',
    writePlugin(folder, 'notes'),
    writePlugin(folder, 'broken', { command: 'no-such-program' }),
    ...options,
  ]);
  const reasons = async (env: Record<string, string>) => {
    const done = await molecule(['--json', 'plugin', 'verify', ...options], {
      MOLECULE_CODEX_PATH: '/nonexistent',
      ...env,
    });
    return [done.code, ...verdict(done).servers.map(({ proofs }) => proofs.find(({ ok }) => !ok)?.reason)];
  };
  expect(await reasons({})).toEqual([1, 'unexpanded_reference', 'unexpanded_reference']);
  expect(await reasons({ PROBE_TOKEN: 'x' })).toEqual([1, undefined, 'command_not_found']);
  const file = join(home, '.codex/config.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('mcp_servers.notes', 'mcp_servers.renamed'));
  expect((await reasons({ PROBE_TOKEN: 'x' })).slice(0, 2)).toEqual([1, 'not_rendered']);
}, 240_000);

test('without a plugin the person’s own servers are looked at, and text tells what a machine cannot say', async () => {
  const { home } = place();
  writeFileSync(join(home, '.claude.json'), '{"mcpServers": {"mine": {"command": "no-such-program"}}}');
  const done = await molecule(['plugin', 'verify', '--runtime', 'claude-code', '--home', home], {
    MOLECULE_CLAUDE_CODE_PATH: '/nonexistent',
  });
  expect(done.code).toBe(1);
  expect(done.stdout).toMatch(/mine\s+own\s+ok\s+-\s+command_not_found/);
  expect(done.stderr).toContain('claude-code was not asked');
});
