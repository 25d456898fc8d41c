import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALLATION_ROOT, killHard, processesOf, runCli, startCli, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';

const README = readFileSync(join(INSTALLATION_ROOT, 'README.md'), 'utf8');
const READY_LIMIT_MS = 180_000;

/** What the README shows below each `$ command`, line by line. */
const SHOWN = new Map(
  [...README.matchAll(/```console\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
    .map((part) => {
      const [command = '', ...lines] = part.split('\n');
      return [command, lines.filter((line) => line.trim() !== '')];
    }),
);

/** What differs from run to run (numbers, ids, secrets) made equal. */
function masked(line: string): string {
  return line
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replaceAll(/mol_sgn_[\w-]*…?/g, 'TOKEN')
    .replaceAll(/\d+(?:\.\d+)?/g, 'N')
    .replaceAll(/\bN m?s\b/g, 'N s')
    .trimEnd();
}

/** Lines of the README that the real output lacks; a line of the README may end in `…`, which stands for the rest. */
function missing(command: string, output: string): string[] {
  const real = output.split('\n').map(masked);
  const isThere = (line: string): boolean =>
    real.some((one) => (line.endsWith('…') ? one.startsWith(line.slice(0, -1).trimEnd()) : one === line));
  return (SHOWN.get(command) ?? [`nothing is shown for ${command}`]).filter((line) => !isThere(masked(line)));
}

const dataDir = mkdtempSync(join(tmpdir(), 'molecule-readme-'));
const up = startCli(['--data-dir', dataDir, 'up', '--port', '0', '--runtime', 'molecule-agent']);
let said = '';
for (const stream of [up.stdout, up.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));

beforeAll(async () => {
  await until(
    'up',
    () => said,
    (text) => text.includes('Ctrl-C stops') || up.exitCode !== null,
    READY_LIMIT_MS,
  );
});

afterAll(async () => {
  up.kill('SIGTERM');
  await until('the end of up', () => up.exitCode !== null || up.signalCode !== null, Boolean, 60_000).finally(() => {
    for (const { pid } of processesOf(dataDir)) killHard(pid);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

test(verifies('I2-docs-readme', 'the README shows what `up` prints'), () => {
  expect(missing('./molecule up', said)).toEqual([]);
});

test(
  verifies('I2-docs-readme', 'the README shows what a chat prints, and how it is told why the concierge is online'),
  async () => {
    const chat = await runCli(['--data-dir', dataDir, 'chat', 'create a workspace called research']);
    expect(missing('./molecule chat "create a workspace called research"', chat.stdout + chat.stderr)).toEqual([]);
    const why = await runCli(['--data-dir', dataDir, 'ws', 'why', 'Concierge']);
    expect(missing('./molecule ws why Concierge', why.stdout)).toEqual([]);
  },
);

test(verifies('I2-docs-readme', 'every command the README names exists'), async () => {
  const named = new Set(
    [...README.matchAll(/(?:\.\/)?molecule ((?:[a-z]+)(?: [a-z]+)?)/g)].map(([, words = '']) => words),
  );
  const { stdout } = await runCli(['--help']);
  const commands = new Set([...stdout.matchAll(/^ {2}(\w+)/gm)].map(([, word = '']) => word));
  const unknown = [...named].filter((words) => !commands.has(words.split(' ')[0] ?? ''));
  expect(named.size).toBeGreaterThan(2);
  expect(unknown).toEqual([]);
});
