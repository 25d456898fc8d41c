import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { adapterFor, boxLayout, knownRuntimes } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';

const TEMPLATES = join(import.meta.dirname, '..', '..', '..', '..', 'templates');
const templates = readdirSync(TEMPLATES).map((name) => {
  const file = JSON.parse(readFileSync(join(TEMPLATES, name, 'template.json'), 'utf8')) as {
    runtime: string | null;
    identity: string;
  };
  return { name, ...file, persona: readFileSync(join(TEMPLATES, name, file.identity), 'utf8') };
});

test(
  verifies('I33', 'no template that comes with the platform names a runtime, in its settings or in its persona'),
  () => {
    expect(templates.map(({ name }) => name)).toContain('platform-agent');
    for (const { name, runtime, persona } of templates) {
      expect([name, runtime]).toEqual([name, null]);
      for (const id of knownRuntimes()) expect([name, persona.toLowerCase().includes(id)]).toEqual([name, false]);
    }
  },
);

describe.each(knownRuntimes())('%s', (runtime) => {
  test(verifies(['I33', 'I3-turn-identity'], 'the concierge is composed of its own files and the one persona'), () => {
    const adapter = adapterFor(runtime);
    const layout = boxLayout('/box');
    const files = adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: null as string | null }));
    const persona = templates.find(({ name }) => name === 'platform-agent')?.persona ?? '';
    const management = server('molecule-platform', {
      type: 'stdio',
      command: 'molecule-platform-mcp',
      args: [],
      env: { MOLECULE_MCP_MODE: 'management' },
    });
    const outcome = adapter.render({
      layout,
      files,
      servers: [management],
      identity: persona,
      skills: [],
      ledger: null,
    });
    const after = files.map((file) => ({
      ...file,
      text: outcome.writes.find(({ id }) => id === file.id)?.text ?? null,
    }));
    expect(adapter.readIdentity(after, layout)).toBe(persona);
    expect(adapter.read(after, layout)).toEqual({ 'molecule-platform': management.descriptor });
    expect(
      after
        .map(({ text }) => text ?? '')
        .join('')
        .split(persona).length - 1,
    ).toBe(1);
  });
});
