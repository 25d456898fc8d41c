import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALLATION_ROOT, killHard, processesOf, startCli, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-progress-'));
  chmodSync(folder, 0o711); // the database's own account has to pass through
  onTestFinished(async () => {
    for (const { pid } of processesOf(folder)) killHard(pid);
    await until(
      'all have ended',
      () => processesOf(folder).length,
      (count) => count === 0,
    );
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const UP = ['up', '--port', '0', '--no-concierge'];
const STEP = /^ {2}ok (PostgreSQL|Migrations|Control plane|Box host).*\((\d+ ms|\d+\.\d s)\)$/;

test(verifies('I2-cli-progress', 'in a pipe each step is one plain line with its time, and the address follows'), {
  timeout: 300_000,
}, async () => {
  const folder = dataDir();
  const child = startCli(['--data-dir', folder, ...UP]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await until('it is up', () => stdout.includes('Ctrl-C stops everything'), Boolean, 180_000);
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .filter((line) => STEP.test(line)),
  ).toHaveLength(4);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(stdout + stderr).not.toMatch(/\u001b|\r/);
  expect(stdout).toMatch(/Molecule is up at http:\/\/127\.0\.0\.1:\d+ \(\d+\.\d s\)/);
  expect(stdout).toContain('demo/scripted: a scripted DEMO model, no AI');
  expect(stdout).toMatch(/Sign in \(works once\): http:\S+/);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(processesOf(folder)).toEqual([]);
});

test.skipIf(!existsSync('/usr/bin/script'))(
  verifies('I2-cli-progress', 'on a terminal a step shows while it runs and is replaced by its line'),
  { timeout: 300_000 },
  async () => {
    const folder = dataDir();
    const cli = join(INSTALLATION_ROOT, 'packages', 'cli', 'dist', 'main.js');
    const command = [process.execPath, cli, '--data-dir', folder, ...UP].map((word) => `'${word}'`).join(' ');
    const child = spawn('/usr/bin/script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await until('it is up', () => shown.includes('Ctrl-C stops everything'), Boolean, 180_000);
    expect(shown).toContain('  …  PostgreSQL\r\u001b[2K  ok PostgreSQL');
    expect(shown.split('\u001b[2K')).toHaveLength(5);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.write('\u0003');
    await ended;
    expect(processesOf(folder)).toEqual([]);
  },
);
