import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { homeRuntime, nativeConfigOf, type RenderedSource, renderHome } from '../../src/home/index.ts';
import { server } from '../conformance/rendering-cases.ts';
import { temporaryDirectory } from '../editing/temporary-directory.ts';

const WRITER = fileURLToPath(new URL('./processes/home-writer.ts', import.meta.url));
const ROUNDS = 5;
const MINE = '{\r\n\t"numStartups": 1e2,\r\n\t"mcpServers": { "mine": { "command": "true" } }\r\n}';
const OURS: RenderedSource = {
  source: 'file:/x',
  plugin: 'x',
  stamp: '1',
  servers: [server('x', { type: 'stdio', command: 'x', args: [], env: {} })],
  skills: [],
  instructions: ['Use x.'],
  files: [],
  unpacked: null,
};

test(verifies(
  ['T27', 'T31'],
  'writers killed at any moment leave nothing that cannot be taken out to the last byte',
), async () => {
  const home = temporaryDirectory();
  const file = join(home, '.claude.json');
  writeFileSync(file, MINE);
  const native = await nativeConfigOf('claude-code');
  if (native === null) throw new Error('no runtime');
  const render = (sources: readonly RenderedSource[]) =>
    renderHome({
      runtime: 'claude-code',
      adapter: homeRuntime(native),
      home,
      build: 'test',
      dryRun: false,
      sources: () => sources,
    });
  for (let round = 0; round < ROUNDS; round += 1) {
    const writers = await Promise.all(['alpha', 'beta', 'gamma'].map((name) => started(home, name)));
    // The moment is what is tried, so there is no condition to wait for.
    await pause(40 + 67 * round);
    await Promise.all(writers.map(killed));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      numStartups: 100,
      mcpServers: { mine: { command: 'true' } },
    });
    expect(await render([])).toMatchObject({ ok: true, value: { refused: [] } });
    expect(readFileSync(file, 'utf8')).toBe(MINE);
  }
  // Locks and temporary files of the dead are harmless; the next run that writes takes them along.
  await render([OURS]);
  await render([]);
  expect(readdirSync(home, { recursive: true })).toEqual(['.claude.json']);
  expect(readFileSync(file, 'utf8')).toBe(MINE);
}, 240_000);

async function started(home: string, name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--conditions=source', WRITER, home, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) =>
    child.stdout.once('data', resolve).once('close', () => reject(new Error('the writer ended'))),
  );
  return child;
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
