import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

/** What a bare Debian has anyway. */
const BASE = ['bash', 'cat', 'dirname', 'env', 'id'];
const NEEDED = ['git', 'bwrap', 'nsenter', 'prlimit', 'rg', 'chromium', 'ps', 'mount'];

/** Runs `.ci/run` on a machine that has only `commands`, and tells what it called, in order. */
function runOn(commands: readonly string[], { npmExit = 0, aptFailures = 0 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-ci-entry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls');
  mkdirSync(bin);
  mkdirSync(join(folder, '.ci'));
  copyFileSync(join(REPOSITORY, '.ci', 'run'), join(folder, '.ci', 'run'));
  const program = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of BASE) {
    const found = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(bin, name));
  }
  for (const name of commands) program(name, 'exit 0');
  program('sudo', 'exec "$@"');
  program(
    'apt-get',
    `echo "apt-get $*" >> ${calls}; n=$(cat ${folder}/tries 2>/dev/null || echo 0); echo $((n + 1)) > ${folder}/tries; [ "$n" -ge ${aptFailures} ]`,
  );
  program('npm', `echo "npm $* CI=$CI" >> ${calls}; exit ${npmExit}`);
  const { status } = spawnSync('bash', [join(folder, '.ci', 'run')], {
    cwd: '/',
    env: { PATH: bin },
    encoding: 'utf8',
  });
  return { status, calls: readFileSync(calls, 'utf8').trimEnd().split('\n') };
}

test(verifies('I2-gate-ci', 'installs from Debian only what is missing, then runs the suite'), () => {
  const { status, calls } = runOn(NEEDED.filter((name) => !['bwrap', 'chromium'].includes(name)));
  expect(calls[0]).toBe('apt-get update -qq');
  expect(calls[1]?.split(' ').slice(-2).sort()).toEqual(['bubblewrap', 'chromium']);
  expect(calls.slice(2)).toEqual(['npm test CI=true']);
  expect(status).toBe(0);
});

test(
  verifies(
    ['I2-gate-ci', 'I20', 'I27'],
    'touches nothing where all is there, runs the whole suite whatever was changed, and ends as it does',
  ),
  () => {
    expect(runOn(NEEDED, { npmExit: 7 })).toEqual({ status: 7, calls: ['npm test CI=true'] });
  },
);

test(verifies('I2-gate-ci', 'tries a mirror that fails again, and does not run a suite that lacks its tools'), () => {
  const once = runOn([], { aptFailures: 1 });
  expect(once.calls.at(-1)).toBe('npm test CI=true');
  const never = runOn([], { aptFailures: 99 });
  expect(never.status).not.toBe(0);
  expect(never.calls.some((call) => call.startsWith('npm'))).toBe(false);
});
