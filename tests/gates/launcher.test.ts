import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { acquireLock } from '../../tools/bootstrap/lock.mjs';
import { isSupported, pinnedFor } from '../../tools/bootstrap/node.mjs';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

// A checkout in miniature: the real launcher, a bootstrap that only writes its stamp and says so, a CLI that echoes its arguments.
const scratch = mkdtempSync(join(tmpdir(), 'molecule launcher '));
const root = join(scratch, 'check out');
const NODE = process.execPath;
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const BOOTSTRAP = `
import { writeFileSync } from 'node:fs';
console.error('bootstrapped ' + process.argv[2]);
if (process.env.FAIL) process.exit(7);
writeFileSync(new URL('../.tools/launch', import.meta.url), process.execPath + '\\n');
`;

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  put('tools/bootstrap.mjs', BOOTSTRAP);
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'packages/cli/package.json'])
    put(file, '{}');
  put('packages/cli/tsconfig.json', '{}');
  put('packages/cli/src/main.ts', '');
  put('packages/cli/dist/main.js', 'console.log(JSON.stringify(process.argv.slice(2)));');
  mkdirSync(join(root, '.tools'));
  cpSync(join(REPOSITORY, 'molecule'), join(root, 'molecule'));
  chmodSync(join(root, 'molecule'), 0o755);
});

function launch(args: readonly string[], options: { path?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const env = { PATH: process.env.PATH, ...options.env };
  const done = spawnSync(options.path ?? join(root, 'molecule'), args, {
    cwd: options.cwd ?? '/',
    encoding: 'utf8',
    env,
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

describe('the launcher', () => {
  test('bootstraps once, keeps stdout for the command, and passes arguments as they are', () => {
    const args = ['ws', 'create', 'two words', '--json', '$HOME', ''];
    expect(launch(args)).toEqual({ status: 0, stdout: `${JSON.stringify(args)}\n`, stderr: 'bootstrapped run\n' });
    expect(launch(args)).toEqual({ status: 0, stdout: `${JSON.stringify(args)}\n`, stderr: '' });
  });

  test('works through links, relative ones too, and from another folder', () => {
    launch([]);
    symlinkSync(join(root, 'molecule'), join(scratch, 'absolute'));
    symlinkSync('absolute', join(scratch, 'relative'));
    expect(launch(['x'], { path: join(scratch, 'relative') }).stdout).toBe('["x"]\n');
    expect(launch(['x'], { path: './molecule', cwd: root }).stdout).toBe('["x"]\n');
  });

  test.each([
    ['a changed source', () => put('packages/cli/src/main.ts', '// changed')],
    ['a new source', () => put('packages/cli/src/deep/new.ts', '')],
    ['a removed source', () => rmSync(join(root, 'packages/cli/src/main.ts'))],
    ['another lockfile', () => put('package-lock.json', '{ }')],
    ['a missing build', () => rmSync(join(root, 'packages/cli/dist/main.js'))],
    ['a Node that is gone', () => put('.tools/launch', '/nowhere/node\n')],
  ])('bootstraps again after %s', (_, change) => {
    launch([]);
    expect(launch([]).stderr).toBe('');
    change();
    expect(launch([]).stderr).toContain('bootstrapped run');
  });

  test('ends with the exit code of a bootstrap that failed, and does not run the command', () => {
    expect(launch([], { env: { FAIL: '1' } })).toEqual({ status: 7, stdout: '', stderr: 'bootstrapped run\n' });
  });

  test('says what to install where there is no Node at all', () => {
    const bare = join(scratch, 'bare');
    mkdirSync(bare, { recursive: true });
    for (const name of ['sh', 'find', 'readlink']) {
      rmSync(join(bare, name), { force: true });
      symlinkSync(spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim(), join(bare, name));
    }
    const { status, stderr } = launch([], { env: { PATH: bare } });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('Install Node 20.20') });
  });
});

describe(verifies('I2-gate-node', 'the Node to run on'), () => {
  test('is of a long-term line from 22.18', () => {
    const accepted = ['v22.18.0', 'v22.23.3', 'v24.0.0', 'v26.1.0'];
    expect(accepted.every((version) => isSupported(version))).toBe(true);
    expect(['v20.20.2', 'v22.17.9', 'v23.11.0', 'v25.0.0'].some((version) => isSupported(version))).toBe(false);
  });

  test('is pinned with its integrity for every platform we name, at a supported version', () => {
    for (const platform of ['linux', 'darwin'] as const) {
      for (const arch of ['x64', 'arm64'] as const) {
        const pinned = pinnedFor(platform, arch);
        expect(pinned?.integrity).toMatch(/^sha512-/);
        expect(isSupported(`v${pinned?.version}`)).toBe(true);
      }
    }
    expect(pinnedFor('sunos', 'x64')).toBeUndefined();
  });
});

describe('the installation lock', () => {
  const lockModule = JSON.stringify(join(REPOSITORY, 'tools/bootstrap/lock.mjs'));

  test('lets one process in at a time', async () => {
    const file = join(scratch, 'counter-lock');
    const counter = join(scratch, 'counter');
    writeFileSync(counter, '0');
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      const { acquireLock } = await import(${lockModule});
      for (let i = 0; i < 20; i += 1) {
        const lock = await acquireLock(${JSON.stringify(file)});
        const value = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
        await new Promise((resolve) => setImmediate(resolve));
        writeFileSync(${JSON.stringify(counter)}, String(value + 1));
        lock.release();
      }`;
    const children = [1, 2, 3].map(() => spawn(NODE, ['--input-type=module', '-e', script], { stdio: 'ignore' }));
    const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('60');
  });

  test('is taken from a holder that was killed', async () => {
    const file = join(scratch, 'dead-lock');
    const script = `const { acquireLock } = await import(${lockModule}); await acquireLock(${JSON.stringify(file)}); process.kill(process.pid, 'SIGKILL');`;
    expect(spawnSync(NODE, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
    const lock = await acquireLock(file);
    lock.release();
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});
