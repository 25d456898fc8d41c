import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from './harness.ts';
import { StandInControlPlane } from './stand-in-control-plane.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
let plane: StandInControlPlane;
let dataDir: string;
beforeEach(async () => {
  plane = await new StandInControlPlane().start();
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-main-')));
  mkdirSync(join(dataDir, 'run'));
  writeFileSync(join(dataDir, 'run', 'host-token'), 'the-host-token\n', { mode: 0o600 });
  writeFileSync(join(dataDir, 'run', 'control-plane.json'), JSON.stringify({ url: `${plane.url}/` }));
});
afterEach(async () => {
  await plane.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function start(...more: string[]) {
  const host = spawn(process.execPath, ['--conditions=source', MAIN, '--data-dir', dataDir, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  host.stderr.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const ended = new Promise<number | null>((resolve) => host.once('exit', (code) => resolve(code)));
  return { host, ended, log: () => text };
}

test('the process finds address and token, says what the machine has, outlives a SIGHUP and ends in order', async () => {
  const launcher = join(dataDir, 'launcher.cjs');
  writeFileSync(launcher, '#!/usr/bin/env node\n');
  const { host, ended, log } = start('--launcher', launcher);
  const connect = await until('the connection', () => plane.connects[0]);
  expect(connect.pid).toBe(host.pid);
  expect(connect.runtimes.find(({ runtime }) => runtime === 'molecule-agent')?.available).toBe(true);
  expect(connect.isolation).toMatchObject({ backend: 'process' });
  host.kill('SIGHUP');
  host.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(log()).not.toContain('the-host-token');
  expect(
    log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message)
      .at(-1),
  ).toBe('ended');
});

test('a token file that others can read is refused', async () => {
  chmodSync(join(dataDir, 'run', 'host-token'), 0o644);
  const { ended, log } = start();
  expect(await ended).toBe(1);
  expect(log()).toContain('Set its mode to 0600');
});
