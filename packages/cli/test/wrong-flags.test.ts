import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliResult, killHard, processesOf, runCli, startCli, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';

function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'molecule-wrong-flags-'));
  onTestFinished(() => {
    for (const { pid } of processesOf(path)) killHard(pid);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** One plain line that says what is wrong, and the exit code of wrong usage: no stack, no advice about an API. */
function expectUsage(result: CliResult, says: RegExp): void {
  expect([result.code, result.stdout]).toEqual([2, '']);
  expect(result.stderr).toMatch(says);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
}

test(verifies(
  ['I2-bad-names', 'I5-unresolvable'],
  '`up` with a runtime or a model that is not there says what there is, and leaves nothing that the next `up` would meet',
), { timeout: 120_000 }, async () => {
  const dataDir = join(scratch(), 'data');
  const up = (...flags: readonly string[]) => runCli(['--json', '--data-dir', dataDir, 'up', '--port', '0', ...flags]);
  const refused = async (...flags: readonly string[]) => {
    const result = await up(...flags);
    expect(result.code, result.stderr).toBe(1);
    return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '');
  };
  expect(await refused('--runtime', 'nope')).toMatchObject({
    code: 'runtime_unknown',
    hint: expect.stringContaining('molecule-agent'),
  });
  expect(await refused('--model', 'anthropic/claud-sonet-4-5')).toMatchObject({
    code: 'model_invalid',
    hint: expect.stringContaining('anthropic/claude-sonnet-4-5'),
  });
  expect(processesOf(dataDir)).toEqual([]);
  const child = startCli(['--json', '--data-dir', dataDir, 'up', '--port', '0']);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(
    'it is up',
    () => said,
    (text) => text.includes('\n') || child.exitCode !== null,
    60_000,
  );
  expect(JSON.parse(said)).toMatchObject({
    runtime: 'molecule-agent',
    model: 'demo/scripted',
    concierge: { status: 'online' },
  });
  child.kill('SIGTERM');
  await until(
    'it has ended',
    () => child.exitCode,
    (code) => code !== null,
    30_000,
  );
});

test(
  verifies('I2-cli-exit', 'what is wrong with the command line itself is said in one line, with exit code 2'),
  async () => {
    const dataDir = join(scratch(), 'data');
    const none = { env: { MOLECULE_API_URL: 'http://127.0.0.1:9', MOLECULE_API_KEY: 'x' } };
    expectUsage(await runCli(['secret', 'set', 'NAME'], none), /pipe it in/);
    expectUsage(await runCli(['budget', 'set', '--tokens', 'many'], none), /exactly one of/);
    expectUsage(
      await runCli(['ws', 'list'], { env: { MOLECULE_API_URL: 'nonsense', MOLECULE_API_KEY: 'x' } }),
      /MOLECULE_API_URL is no address.*nonsense/,
    );
    const missing = join(scratch(), 'missing');
    for (const args of [
      ['ws', 'create', '--file', missing],
      ['org', 'import', missing],
      ['secret', 'set', 'NAME', '--from-file', missing],
      ['plugin', 'lock', '--import', missing],
      ['plugin', 'validate', missing],
    ])
      expectUsage(await runCli(args, none), /missing cannot be read: there is no such file/);
    expectUsage(await runCli(['ws', 'create', '--file', '/'], none), /it is a folder/);
    const up = await runCli(['--data-dir', dataDir, 'up', '--database-url', 'mysql://me:my-word@host/db']);
    expectUsage(up, /begins with postgresql:/);
    expect(up.stderr).not.toContain('my-word');
    expect(existsSync(dataDir)).toBe(false);
  },
);
