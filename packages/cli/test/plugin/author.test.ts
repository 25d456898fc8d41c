import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newPlugin, readTree, validatePlugin } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { molecule, scratchFolder } from './molecule-process.ts';

const GUIDE = readFileSync(fileURLToPath(new URL('../../../../docs/plugins.md', import.meta.url)), 'utf8');

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

test(
  verifies('I4-author-new', 'a new plugin validates as it is, and its server offers and answers its tool'),
  async () => {
    const folder = join(scratchFolder(), 'weather');
    expect((await molecule(['plugin', 'new', 'weather', folder])).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'mcp.json', 'plugin.json', 'server.mjs', 'skills']);
    const checked = await molecule(['--json', 'plugin', 'validate', folder]);
    expect(checked.code, checked.stdout).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, name: 'weather', problems: [] });

    const child = spawn(process.execPath, [join(folder, 'server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    const lines = createInterface({ input: child.stdout });
    const ask = async (id: number, method: string, params: unknown = {}) => {
      const answer = once(lines, 'line');
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return JSON.parse(String((await answer)[0])).result;
    };
    expect(await ask(1, 'initialize', { protocolVersion: '2025-06-18' })).toMatchObject({
      serverInfo: { name: 'weather' },
    });
    expect(await ask(2, 'tools/list')).toMatchObject({ tools: [{ name: 'hello' }] });
    expect(await ask(3, 'tools/call', { name: 'hello', arguments: { name: 'Ada' } })).toMatchObject({
      content: [{ text: 'Hello Ada!' }],
    });
  },
);

test(verifies('I4-author-new', 'a bad name and a folder that is in use are refused with nothing made'), async () => {
  const folder = scratchFolder();
  const bad = await molecule(['--json', 'plugin', 'new', 'Weather!', join(folder, 'x')]);
  expect(bad.code).not.toBe(0);
  expect(JSON.parse(bad.stdout)).toMatchObject({ code: 'plugin_manifest_invalid' });
  expect(readdirSync(folder)).toEqual([]);
  put(folder, { 'mine.txt': 'mine' });
  const used = await molecule(['plugin', 'new', 'weather', folder]);
  expect(used.code).not.toBe(0);
  expect(used.stderr).toContain('is not empty');
  expect(readdirSync(folder)).toEqual(['mine.txt']);
});

/** One mistake each: what is changed in a good plugin, and the file and words by which it is named. */
const MISTAKES: readonly [string, Readonly<Record<string, string | null>>, string | null, RegExp][] = [
  ['no JSON', { 'plugin.json': '{"name":' }, null, /plugin\.json/],
  ['a bad name', { 'plugin.json': '{"name":"Not Good"}' }, null, /name/i],
  ['an unknown field of ours', { 'plugin.json': '{"name":"weather","molecule":{"requierd":true}}' }, null, /requierd/],
  [
    'a program that is not there',
    { 'mcp.json': '{"mcpServers":{"weather":{"command":"node","args":["${PLUGIN_ROOT}/gone.mjs"]}}}' },
    'mcp.json',
    /refers to gone\.mjs/,
  ],
  [
    'a written secret',
    { 'mcp.json': '{"mcpServers":{"weather":{"url":"https://x.example","headers":{"Authorization":"Bearer abc"}}}}' },
    'mcp.json',
    /holds a value for Authorization; write \$\{secret:AUTHORIZATION\}/,
  ],
  ['a secret in a file', { 'notes.txt': `key: sk-${'a'.repeat(30)}` }, 'notes.txt', /looks like a secret/],
  ['a skill without a head', { 'skills/weather/SKILL.md': 'Just text.' }, 'skills/weather/SKILL.md', /three dashes/],
  [
    'a skill of another name',
    { 'skills/weather/SKILL.md': '---\nname: storm\ndescription: x\n---\n' },
    'skills/weather/SKILL.md',
    /its name is "storm" but its folder is "weather"/,
  ],
  ['names that differ in case alone', { 'A.txt': '1', 'a.txt': '2' }, null, /case/i],
  [
    'nothing in it',
    { 'plugin.json': '{"name":"weather","version":"1.0.0","description":"x"}', 'mcp.json': null, skills: null },
    null,
    /no server, no skill and no instruction/,
  ],
];

/** A new plugin without a process for it. */
function fresh(): string {
  const folder = join(scratchFolder(), 'weather');
  put(folder, Object.fromEntries(newPlugin('weather').map(({ path, content }) => [path, content.toString()])));
  return folder;
}

const validated = async (folder: string) => validatePlugin(await readTree(folder), `file:${folder}`);

test.each(MISTAKES)(
  verifies('I4-author-validate', 'validation names %s, by file and in words'),
  async (_, change, file, words) => {
    const folder = fresh();
    for (const [path, text] of Object.entries(change))
      if (text === null) rmSync(join(folder, path), { recursive: true });
      else put(folder, { [path]: text });
    const errors = (await validated(folder)).problems.filter(({ severity }) => severity === 'error');
    expect(errors).toContainEqual({ severity: 'error', file, message: expect.stringMatching(words) });
  },
);

test(verifies('I4-author-validate', 'the command prints each problem and exits with 1'), async () => {
  const folder = fresh();
  put(folder, { 'skills/weather/SKILL.md': 'Just text.', 'notes.txt': `key: sk-${'a'.repeat(30)}` });
  const { code, stdout } = await molecule(['plugin', 'validate', folder]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^NO skills\/weather\/SKILL\.md: does not begin with a head/m);
  expect(stdout).toMatch(/^NO notes\.txt: holds something that looks like a secret/m);
});

test(verifies('I4-author-validate', "the manifest of the author's guide is one that validates"), async () => {
  const [, manifest = ''] = /```json\n([\s\S]+?)```/.exec(GUIDE) ?? [];
  const folder = fresh();
  put(folder, { 'plugin.json': manifest, 'how-to.md': 'How.', 'setup.mjs': '' });
  const { problems, manifest: read } = await validated(folder);
  expect(problems).toEqual([]);
  expect(read).toMatchObject({ name: 'weather', setup: { secrets: ['WEATHER_KEY'] } });
});
