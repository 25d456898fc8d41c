import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adapterFor, type BoxLayout, boxLayout, type RuntimeAdapter } from '@molecule/adapters';
import { type DesiredServer, PluginName, ServerName } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { renderBox } from '../src/box/rendering.ts';
import { writeBoxFile } from '../src/files/box-file.ts';

const OURS: DesiredServer = {
  name: ServerName.parse('ours'),
  plugin: PluginName.parse('p'),
  descriptor: { type: 'stdio', command: 'ours', args: [], env: {} },
  required: true,
  requiredTools: [],
  witnessed: false,
};

function place(): { layout: BoxLayout; adapter: RuntimeAdapter; file: string } {
  const layout = boxLayout(mkdtempSync(join(tmpdir(), 'molecule-box-')));
  onTestFinished(() => rmSync(layout.root, { recursive: true, force: true }));
  for (const folder of [layout.home, layout.work, layout.run]) mkdirSync(folder);
  const adapter = adapterFor('claude-code');
  const file = adapter.nativeFiles(layout).find(({ id }) => id === 'servers')?.path ?? '';
  mkdirSync(dirname(file), { recursive: true });
  return { layout, adapter, file };
}

const names = (file: string) => Object.keys(JSON.parse(readFileSync(file, 'utf8')).mcpServers).sort();

test(verifies(['B49', 'B56'], 'what the agent’s CLI writes between our reading and our writing is not lost'), () => {
  const { layout, adapter, file } = place();
  writeFileSync(file, '{"mcpServers": {"first": {"command": "x"}}}');
  let renderings = 0;
  const beside: RuntimeAdapter = {
    ...adapter,
    render: (input) => {
      renderings += 1;
      const outcome = adapter.render(input);
      // As late as it can be: the text has been read, and nothing has been written yet.
      if (renderings === 1)
        writeFileSync(file, '{"mcpServers": {"first": {"command": "x"}, "second": {"command": "y"}}}');
      return outcome;
    },
  };
  const result = renderBox(
    { adapter: beside, layout, servers: [OURS], identity: null, skills: [], frozen: new Set() },
    1,
  );
  expect(names(file)).toEqual(['first', 'ours', 'second']);
  expect(result).toMatchObject({ failure: null, written: ['servers'], servers: { ours: { ok: true } } });
});

test('a program that writes every time is not outrun for ever, and the read back tells what came of it', () => {
  const { layout, adapter, file } = place();
  let renderings = 0;
  const beside: RuntimeAdapter = {
    ...adapter,
    render: (input) => {
      const outcome = adapter.render(input);
      renderings += 1;
      writeFileSync(file, JSON.stringify({ mcpServers: {}, renderings }));
      return outcome;
    },
  };
  const result = renderBox(
    { adapter: beside, layout, servers: [OURS], identity: null, skills: [], frozen: new Set() },
    1,
  );
  expect(result.servers['ours']).toEqual({ ok: false, reason: 'not_rendered' });
  expect(renderings).toBeLessThan(12);
  expect(JSON.parse(readFileSync(file, 'utf8')).mcpServers).toEqual({});
});

test('a file is replaced only while it is the one that was read', () => {
  const { layout, file } = place();
  writeFileSync(file, 'one');
  expect(writeBoxFile(file, 'two', [layout.home], 'one')).toEqual({ kind: 'written' });
  expect(writeBoxFile(file, 'three', [layout.home], 'one')).toEqual({ kind: 'stale' });
  expect(writeBoxFile(file, null, [layout.home], 'other')).toEqual({ kind: 'stale' });
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(writeBoxFile(file, null, [layout.home], 'two')).toEqual({ kind: 'written' });
  expect(writeBoxFile(file, 'new', [layout.home], 'was there')).toEqual({ kind: 'stale' });
  expect(writeBoxFile(file, 'new', [layout.home], null)).toEqual({ kind: 'written' });
});
