import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { molecule, scratchFolder, writePlugin } from './molecule-process.ts';

const CLAUDE = '{\n  "numStartups": 1e2,\n  "mcpServers": {\n    "mine": { "command": "true" }\n  }\n}';
const RENDER = ['plugin', 'render'];

function place(): { home: string; folder: string; options: (runtime?: string) => string[] } {
  const folder = scratchFolder();
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, '.claude.json'), CLAUDE);
  return { home, folder, options: (runtime = 'claude-code') => ['--runtime', runtime, '--home', home] };
}

test(
  verifies(
    ['B68', 'T37', 'I3-render', 'I3-unrender', 'I3-edit-noop', 'I3-edit-inverse'],
    'render shows the difference and writes it; again changes nothing; unrender gives back the bytes',
  ),
  async () => {
    const { home, folder, options } = place();
    const plugin = writePlugin(folder, 'notes');
    const dry = await molecule([...RENDER, plugin, ...options(), '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing was written') });
    expect(readdirSync(home)).toEqual(['.claude.json']);
    const first = await molecule([...RENDER, plugin, ...options()]);
    expect(first.code).toBe(0);
    expect(first.stdout).toBe(dry.stdout);
    expect(first.stdout).toContain('--- ~/.claude.json\n+++ ~/.claude.json\n@@ -1,6 +1,');
    expect(first.stdout).toContain('+      "env": {\n+        "TOKEN": "${PROBE_TOKEN}"');
    expect(readFileSync(join(home, '.claude/CLAUDE.md'), 'utf8')).toContain('Use notes.');
    const long = new Date('2020-01-01');
    utimesSync(join(home, '.claude.json'), long, long);
    const again = await molecule(['--json', ...RENDER, plugin, ...options()]);
    expect(JSON.parse(again.stdout)).toMatchObject({ written: false, files: [], links: [] });
    expect(statSync(join(home, '.claude.json')).mtime).toEqual(long);
    const gone = await molecule(['plugin', 'unrender', plugin, ...options(), '--json']);
    expect(JSON.parse(gone.stdout)).toMatchObject({ written: true, refused: [] });
    expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe(CLAUDE);
    expect(readdirSync(home)).toEqual(['.claude.json']);
  },
);

test('the short way of a run with nothing to do sees every change: plugin, native file, link, other plugin', async () => {
  const { home, folder, options } = place();
  const [plugin, other] = [writePlugin(folder, 'notes'), writePlugin(folder, 'other')];
  const render = async (...sources: string[]) =>
    JSON.parse((await molecule(['--json', ...RENDER, ...sources, ...options()])).stdout);
  await render(plugin);
  expect((await render(plugin)).written).toBe(false);
  writeFileSync(join(plugin, 'HOW.md'), 'Use it well.\n');
  expect((await render(plugin)).files.map((file: { path: string }) => file.path)).toEqual([
    join(home, '.claude/CLAUDE.md'),
  ]);
  writeFileSync(
    join(home, '.claude.json'),
    readFileSync(join(home, '.claude.json'), 'utf8').replace(/"notes"/, '"renamed"'),
  );
  expect((await render(plugin)).files.length).toBe(1);
  expect((await render(other)).written).toBe(true);
  expect((await render(plugin, other)).written).toBe(false);
  const text = readFileSync(join(home, '.claude.json'), 'utf8');
  for (const name of ['"mine"', '"renamed"', '"notes"', '"other"']) expect(text).toContain(name);
});

test(verifies(['T27', 'I3-edit-parallel', 'I3-unrender'], 'twelve runs at once lose nothing'), async () => {
  const { home, folder, options } = place();
  const plugins = Array.from({ length: 12 }, (_, index) => writePlugin(folder, `plugin-${index}`));
  const runs = await Promise.all(
    plugins.map((plugin, index) =>
      molecule([...RENDER, plugin, ...options(index % 2 === 0 ? 'claude-code' : 'codex')]),
    ),
  );
  expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(plugins.map(() => 0));
  const servers = JSON.parse(readFileSync(join(home, '.claude.json'), 'utf8')).mcpServers;
  expect(Object.keys(servers).sort()).toEqual(['mine', ...[0, 10, 2, 4, 6, 8].map((index) => `plugin-${index}`)]);
  const toml = readFileSync(join(home, '.codex/config.toml'), 'utf8');
  for (const index of [1, 3, 5, 7, 9, 11]) expect(toml).toContain(`plugin-${index}`);
  const back = await Promise.all(
    plugins.map((plugin, index) =>
      molecule(['plugin', 'unrender', plugin, ...options(index % 2 === 0 ? 'claude-code' : 'codex')]),
    ),
  );
  expect(back.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(plugins.map(() => 0));
  expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe(CLAUDE);
  expect(readdirSync(home)).toEqual(['.claude.json']);
}, 240_000);

test(
  verifies(
    ['B55', 'I3-render', 'I3-edit-corrupt-person'],
    'a file that cannot be parsed is refused untouched, with the lines to paste',
  ),
  async () => {
    const { home, folder, options } = place();
    writeFileSync(join(home, '.claude.json'), '{ "mcpServers": {');
    const refused = await molecule([...RENDER, writePlugin(folder, 'notes'), ...options()]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Refused, nothing was written');
    expect(refused.stderr).toContain('"notes": {');
    expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe('{ "mcpServers": {');
    expect(existsSync(join(home, '.molecule'))).toBe(false);
  },
);

test(verifies('I3-unrender', 'a plugin goes by its name too, and when its folder is gone'), async () => {
  const { home, folder, options } = place();
  const plugin = writePlugin(folder, 'notes');
  await molecule([...RENDER, plugin, ...options()]);
  const [absent, gone] = [
    await molecule(['plugin', 'unrender', 'nothing', ...options()]),
    await molecule(['plugin', 'unrender', 'notes', ...options()]),
  ];
  expect(absent).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing is not rendered here') });
  expect(gone.code).toBe(0);
  expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe(CLAUDE);
});

test('a first-party plugin is rendered by reference only', async () => {
  const { home, options } = place();
  const done = await molecule([...RENDER, 'builtin:molecule-platform-mcp', ...options('hermes')]);
  expect(done.code).toBe(0);
  expect(readFileSync(join(home, '.hermes/config.yaml'), 'utf8')).toContain(
    'MOLECULE_ORG_API_KEY: "${MOLECULE_ORG_API_KEY}"',
  );
});

test(
  verifies(['B67', 'T36'], 'what cannot be done is said, with a code, and exits 1; wrong usage exits 2'),
  async () => {
    const { folder, options, home } = place();
    const plugin = writePlugin(folder, 'notes');
    const code = async (args: string[]) => {
      const { code: exit, stdout } = await molecule(['--json', ...args]);
      return [exit, JSON.parse(stdout || '{}').code];
    };
    expect(await code([...RENDER, plugin, ...options('claude')])).toEqual([1, 'runtime_unknown']);
    expect(await code([...RENDER, join(folder, 'nowhere'), ...options()])).toEqual([1, 'plugin_source_invalid']);
    expect(await code([...RENDER, 'npm:', ...options()])).toEqual([1, 'plugin_source_invalid']);
    expect(await code([...RENDER, plugin, '--runtime', 'codex', '--home', join(folder, 'nowhere')])).toEqual([
      1,
      'config_unwritable',
    ]);
    expect(await code([...RENDER, plugin, '--runtime', 'codex'])).toEqual([2, undefined]);
    expect(readdirSync(home)).toEqual(['.claude.json']);
  },
);
