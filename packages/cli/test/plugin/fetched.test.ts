import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { npmArchive } from '../../../plugins/test/servers/archive.ts';
import { npmRegistry } from '../../../plugins/test/servers/npm-registry.ts';
import { molecule, scratchFolder } from './molecule-process.ts';

const packageOf = (version: string, mcp = '{"mcpServers":{"tool":{"command":"node","args":["./server.mjs"]}}}') =>
  npmArchive({
    'package.json': JSON.stringify({ name: 'their-plugin', version }),
    'plugin.json': JSON.stringify({ name: 'their-plugin', version, description: 'A plugin.' }),
    'mcp.json': mcp,
    'server.mjs': `// version ${version}\n`,
  });

test('a fetched plugin is unpacked beside the ledger, replaced by its next version, and goes whole', async () => {
  const registry = await npmRegistry();
  onTestFinished(() => registry.close());
  registry.publish('their-plugin', '1.0.0', packageOf('1.0.0'));
  registry.publish('their-plugin', '2.0.0', packageOf('2.0.0'));
  const home = join(scratchFolder(), 'home');
  mkdirSync(home);
  const options = ['--runtime', 'codex', '--home', home];
  const env = { MOLECULE_NPM_REGISTRY: registry.url, MOLECULE_ALLOW_LOOPBACK_SOURCES: '1', HOME: home };
  const rendered = async (...args: string[]) => {
    const done = await molecule(['--json', 'plugin', ...args, ...options], env);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(done.stdout);
  };
  const script = () =>
    /args = \[ ?"([^"]+)" ?\]/.exec(readFileSync(join(home, '.codex/config.toml'), 'utf8'))?.[1] ?? '';

  expect((await rendered('render', 'npm:their-plugin@1.0.0', '--dry-run')).files.length).toBe(1);
  expect(readdirSync(home)).toEqual([]);
  await rendered('render', 'npm:their-plugin@1.0.0');
  expect(readFileSync(script(), 'utf8')).toBe('// version 1.0.0\n');
  const asked = registry.requests.length;
  expect(await rendered('render', 'npm:their-plugin@1.0.0')).toMatchObject({ written: false, files: [] });
  expect(registry.requests.length).toBe(asked);
  const first = script();
  await rendered('unrender', 'npm:their-plugin@1.0.0');
  expect(existsSync(first)).toBe(false);
  await rendered('render', 'npm:their-plugin');
  expect(realpathSync(script()).startsWith(realpathSync(join(home, '.molecule')))).toBe(true);
  expect(readFileSync(script(), 'utf8')).toBe('// version 2.0.0\n');
  await rendered('unrender', 'their-plugin');
  expect(readdirSync(home)).toEqual([]);
}, 240_000);

test('a plugin for other runtimes is refused, and a setup is told to be the person’s own', async () => {
  const registry = await npmRegistry();
  onTestFinished(() => registry.close());
  const settings = { runtimes: ['codex'], setup: { command: 'node', args: ['setup.mjs'] } };
  registry.publish(
    'picky',
    '1.0.0',
    npmArchive({ 'plugin.json': JSON.stringify({ name: 'picky', version: '1.0.0', molecule: settings }) }),
  );
  const home = join(scratchFolder(), 'home');
  mkdirSync(home);
  const env = { MOLECULE_NPM_REGISTRY: registry.url, MOLECULE_ALLOW_LOOPBACK_SOURCES: '1', HOME: home };
  const run = (runtime: string) =>
    molecule(['plugin', 'render', 'npm:picky@1.0.0', '--runtime', runtime, '--home', home], env);
  expect(await run('hermes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('made for codex, not for hermes'),
  });
  expect(await run('codex')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('yours to run: node setup.mjs'),
  });
}, 240_000);
