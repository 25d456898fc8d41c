import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { isAtLeast, versionOf } from '../../src/detection/binary-version.ts';
import { detectBinary } from '../../src/detection/detect-binary.ts';
import { adapterFor, detectRuntimes, knownRuntimes } from '../../src/index.ts';

function folderWith(script: string, mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'detect-'));
  writeFileSync(join(folder, 'tool'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'tool'), mode);
  return folder;
}
const detect = (env: Record<string, string>) =>
  detectBinary(
    {
      name: 'tool',
      override: 'TOOL_PATH',
      minimumVersion: '1.2.0',
      versionArgs: ['--version'],
      findLogin: async () => ({ has: false, path: null }),
    },
    env,
  );

describe('an installed binary', () => {
  test('is found on the path with its version', async () => {
    const folder = folderWith('echo "tool v1.10.3-beta (x)"');
    expect(await detect({ PATH: `relative:${folder}` })).toMatchObject({
      available: true,
      path: join(folder, 'tool'),
      version: '1.10.3-beta',
      problem: null,
    });
  });

  test.each([
    ['Tool 1.10.3.', '1.10.3'],
    ['1.10.0-rc.2+abc', '1.10.0-rc.2+abc'],
    ['0.0.1790142911-g7618fb, built today', '0.0.1790142911-g7618fb'],
  ])('of %j the version is %s', async (printed, version) => {
    const folder = folderWith(`echo '${printed}'`);
    expect((await detect({ PATH: folder })).version).toBe(version);
  });

  test('the override wins', async () => {
    const folder = folderWith('echo 2.0.0');
    expect(await detect({ PATH: folderWith('echo 1.3.0'), TOOL_PATH: join(folder, 'tool') })).toMatchObject({
      available: true,
      version: '2.0.0',
    });
  });

  test.each([
    ['too old', () => ({ PATH: folderWith('echo 1.1.9') }), 'too old'],
    ['garbage', () => ({ PATH: folderWith('echo hello') }), 'does not print a version'],
    ['broken', () => ({ PATH: folderWith('exit 3') }), 'does not run'],
    ['not executable', () => ({ PATH: folderWith('echo 9.9.9', 0o644) }), 'not found'],
    [
      'a folder of that name',
      () => {
        const folder = mkdtempSync(join(tmpdir(), 'detect-'));
        mkdirSync(join(folder, 'tool'));
        return { PATH: folder };
      },
      'not found',
    ],
    ['a wrong override', () => ({ PATH: folderWith('echo 9.9.9'), TOOL_PATH: '/nonexistent' }), 'TOOL_PATH'],
    ['an empty path', () => ({ PATH: '' }), 'not found'],
  ])(verifies('I3-bad-cli', '%s is a problem in words'), async (_what, env, problem) => {
    const found = await detect(env());
    expect(found.available).toBe(false);
    expect(found.problem).toContain(problem);
  });
});

test(verifies('I3-bad-cli', 'one that hangs, or never stops talking, is given up and ended'), async () => {
  const hanging = folderWith('echo $$ > "$(dirname "$0")/pid"; exec sleep 600');
  await expect(versionOf(join(hanging, 'tool'), [], { PATH: process.env['PATH'] }, 500)).rejects.toThrow();
  const pid = Number(readFileSync(join(hanging, 'pid'), 'utf8'));
  await expect.poll(() => isRunning(pid)).toBe(false);
  const talking = folderWith('while :; do echo no version here; done');
  await expect(versionOf(join(talking, 'tool'), [], { PATH: process.env['PATH'] }, 20_000)).rejects.toThrow();
});

test(verifies('I3-bad-cli', 'a broken CLI is told as such, and the other runtimes are found beside it'), async () => {
  const broken = folderWith('exit 3');
  const found = await detectRuntimes({ PATH: '', MOLECULE_CODEX_PATH: join(broken, 'tool') });
  expect(found.map(({ runtime }) => runtime)).toEqual(knownRuntimes());
  const of = (runtime: string) => found.find((each) => each.runtime === runtime);
  expect(of('codex')).toMatchObject({ available: false, problem: expect.stringContaining('does not run') });
  expect(of('molecule-agent')).toMatchObject({ available: true, problem: null });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.10.0', '1.9.9', true],
  ['2.0.0-beta.1', '2.0.0', true],
  ['0.9.9', '1.0.0', false],
])('%s is at least %s: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

test.each(knownRuntimes().map((id) => [id]))(
  verifies('I3-bad-cli', '%s never throws when nothing is there'),
  async (id) => {
    const found = await adapterFor(id).detect({});
    expect(found.available || found.problem !== null).toBe(true);
  },
);
