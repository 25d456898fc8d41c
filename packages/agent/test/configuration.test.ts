import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { readAgentConfig } from '../src/configuration/agent-config.ts';
import { expandReferences } from '../src/configuration/expand-references.ts';
import { expandServerEntry, parseServerEntry } from '../src/configuration/server-entry.ts';
import { findSkills } from '../src/configuration/skills.ts';
import { systemPrompt } from '../src/configuration/system-prompt.ts';
import { AGENT_ENV } from '../src/environment-names.ts';
import { serverEnvironment } from '../src/mcp/child-environment.ts';
import { offeredName } from '../src/mcp/tool-names.ts';

test(verifies('B42', 'names shared with other programs are those of the contract'), () => {
  expect(AGENT_ENV.gatewayKey).toBe(ENV.apiKey);
});

describe('references', () => {
  test.each([
    ['plain', {}, 'plain'],
    ['${A}', { A: 'x' }, 'x'],
    ['Bearer ${A}-${B}', { A: 'x', B: 'y' }, 'Bearer x-y'],
    ['${A}', { A: '' }, ''],
    ['${A}', { A: '${B}', B: 'not followed' }, '${B}'],
    ['$A {A} ${1A}', {}, '$A {A} ${1A}'],
  ])('%j with %j becomes %j', (text, env, value) => {
    expect(expandReferences(text, env)).toEqual({ ok: true, value });
  });

  test('an unset one is a failure that names it, inherited names of objects too', () => {
    expect(expandReferences('${A}${constructor}${A}', {})).toEqual({ ok: false, missing: ['A', 'constructor'] });
  });

  test('an entry with an unset reference is refused whole', () => {
    const entry = parseServerEntry({ command: 'node', args: ['${X}'], env: { K: '${Y}' } });
    expect(typeof entry === 'string' ? entry : expandServerEntry(entry, {})).toContain('X, Y');
  });
});

describe('config.json', () => {
  const homeWith = (text: string) => {
    const home = mkdtempSync(join(tmpdir(), 'agent-config-'));
    writeFileSync(join(home, 'config.json'), text);
    return home;
  };

  test('servers are read, broken entries are named and do not hide the others', async () => {
    const config = await readAgentConfig(
      homeWith(
        '\uFEFF{"mcpServers":{"a":{"command":"x"},"b":{"url":"http://h/mcp","required":true},"c":{},"d":{"command":"x","env":{"K":1}}},"other":1}',
      ),
    );
    expect(Object.keys(config.servers)).toEqual(['a', 'b']);
    expect(config.servers['b']).toMatchObject({ kind: 'http', required: true });
    expect(Object.keys(config.broken)).toEqual(['c', 'd']);
  });

  test.each(['{', '[]"', '{"mcpServers":[]}', '{"mcpServers":7}'])(
    '%j is a problem, not an exception',
    async (text) => {
      const config = await readAgentConfig(homeWith(text));
      expect(config.servers).toEqual({});
      expect(config.problem).not.toBeNull();
    },
  );

  test('no file is an empty configuration', async () => {
    expect(await readAgentConfig('/nonexistent')).toEqual({ servers: {}, broken: {}, problem: null });
  });
});

test('skills come from their front matter, sorted; a folder without SKILL.md is none', async () => {
  const home = mkdtempSync(join(tmpdir(), 'agent-skills-'));
  for (const [folder, text] of [
    ['b', '---\nname: zeta\ndescription: "Does z"\n---\nbody'],
    ['a', 'no front matter'],
  ] as const) {
    mkdirSync(join(home, 'skills', folder), { recursive: true });
    writeFileSync(join(home, 'skills', folder, 'SKILL.md'), text);
  }
  mkdirSync(join(home, 'skills', 'empty'));
  expect((await findSkills(home)).map(({ name, description }) => [name, description])).toEqual([
    ['a', ''],
    ['zeta', 'Does z'],
  ]);
});

test('the identity stands first and once in the prompt', () => {
  const text = systemPrompt({
    identity: 'I AM X',
    skills: [],
    serverInstructions: [{ server: 's', text: 'use it' }],
    workFolder: '/w',
  });
  expect(text.startsWith('I AM X\n')).toBe(true);
  expect(text.split('I AM X').length).toBe(2);
  expect(text).toContain('use it');
});

test(verifies('B41', 'a server gets what its entry names and nothing else that could be a secret'), () => {
  const env = serverEnvironment(
    { PATH: '/bin', HOME: '/h', MOLECULE_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' },
    { K: 'v', PATH: '/mine' },
  );
  expect(env).toEqual({ PATH: '/mine', HOME: '/h', K: 'v' });
});

test('offered tool names are what providers take, and no tool is lost to another', () => {
  const first = offeredName('my server', 'do.it', new Set());
  expect(first).toBe('mcp__my_server__do_it');
  expect(offeredName('my.server', 'do it', new Set([first]))).toBe('mcp__my_server__do_it_2');
  const long = offeredName('s', 'x'.repeat(300), new Set());
  expect(long.length).toBe(128);
  expect(offeredName('s', 'x'.repeat(300), new Set([long])).length).toBe(128);
});
