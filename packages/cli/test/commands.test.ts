import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CliResult,
  runCli,
  startTestInstallation,
  type TestInstallation,
  until,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation();
});
afterAll(() => house?.dispose());

/** Runs a command for people: exit code 0, something on stdout, no control characters, since it goes into a pipe. */
async function plain(...args: readonly string[]): Promise<CliResult> {
  const result = await house.cli(...args);
  expect(result.code, `${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0);
  expect(result.stdout).not.toBe('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(result.stdout + result.stderr).not.toMatch(/\u001b|\r/);
  return result;
}

/** The same with `--json`: exactly one value on stdout and nothing else. */
async function json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
  const result = await house.cli('--json', ...args);
  expect(result.code, `${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0);
  expect(result.stderr).toBe('');
  expect(result.stdout.endsWith('\n')).toBe(true);
  return JSON.parse(result.stdout) as T; // the caller names the shape it then looks at
}

const online = (name: string) =>
  until(
    `${name} is online`,
    () => json<{ status: string }>('ws', 'get', name),
    ({ status }) => status === 'online',
    120_000,
  );

test(verifies(
  'I2-cli-commands',
  'ws: a workspace is made, looked at, paused, resumed, restarted and removed, for people and in JSON',
), { timeout: 300_000 }, async () => {
  const made = await json<{ id: string; name: string; status: string }>(
    'ws',
    'create',
    'writer',
    '--template',
    'blank-agent',
    '--role',
    'Writes.',
  );
  expect(made).toMatchObject({ name: 'writer', status: 'online' });
  expect((await plain('ws', 'create', 'reader', '--parent', 'writer')).stdout).toContain('reader is online');
  expect(await json('ws', 'get', 'reader')).toMatchObject({ parentId: made.id });

  expect((await json<{ name: string }[]>('ws', 'list')).map(({ name }) => name).sort()).toEqual([
    'Concierge',
    'reader',
    'writer',
  ]);
  const listed = (await plain('ws', 'list')).stdout.split('\n');
  expect(listed[0]).toMatch(/^NAME +STATUS +RUNTIME +MODEL/);
  expect(listed.some((line) => line.startsWith('writer') && line.includes(made.id))).toBe(true);
  expect((await plain('ws', 'get', made.id)).stdout).toContain('writer is online');
  expect(await json('ws', 'why', 'writer')).toMatchObject({
    workspace: { name: 'writer' },
    readiness: { summary: { able: true } },
  });
  expect((await plain('ws', 'why', 'Concierge')).stdout).toMatch(/ok live +witnessed by the control plane/);
  const steps = await json<{ step: string; ok: boolean }[]>('ws', 'logs', 'writer');
  expect(steps.length).toBeGreaterThan(3);
  expect((await plain('ws', 'logs', 'writer')).stdout).toMatch(/ ok \w+/);
  expect((await plain('ws', 'events', 'writer')).stdout).toContain('workspace.created');

  expect(await json('ws', 'pause', 'writer')).toMatchObject({ status: 'paused' });
  const paused = await house.cli('--json', 'ws', 'restart', 'writer');
  expect([paused.code, JSON.parse(paused.stdout)]).toMatchObject([1, { type: 'error', code: 'transition_illegal' }]);
  await plain('ws', 'resume', 'writer');
  await online('writer');
  await plain('ws', 'restart', 'writer');
  await online('writer');

  const unconfirmed = await house.cli('ws', 'rm', 'writer', '--confirm', 'another');
  expect(unconfirmed).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('Repeat the name exactly'),
  });
  expect((await plain('ws', 'rm', 'writer', '--confirm', 'writer')).stdout).toBe('writer was removed.\n');
  expect(await json('ws', 'rm', 'reader', '--confirm', 'reader')).toMatchObject({ status: 'removed' });
});

test(verifies('I2-cli-commands', 'ws events --json gives one event a line, in order'), async () => {
  const events = await house.cli('--json', 'ws', 'events');
  const lines = events.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; cursor: string });
  expect(lines.length).toBeGreaterThan(5);
  expect(new Set(lines.map(({ cursor }) => cursor)).size).toBe(lines.length);
});

test(verifies('I2-cli-commands', 'chat streams for people and gives JSON lines that end with the answer'), async () => {
  const spoken = await plain('chat', 'hello');
  expect(spoken.stdout.trim()).not.toBe('');
  const lines = (await house.cli('--json', 'chat', 'Concierge', 'list the workspaces')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.at(-1)).toMatchObject({ type: 'answer', status: 'completed' });
  expect(lines.map(({ type }) => type)).toContain('tool_call');
});

test(
  verifies(['I2-cli-commands', 'I2-cp-tokens'], 'token: made with its value once, listed without it, used, revoked'),
  async () => {
    const made = await json<{ id: string; value: string; preview: string }>(
      'token',
      'create',
      'ci',
      '--scope',
      'workspaces:read',
      '--expires-in',
      '3600',
    );
    const use = () =>
      runCli(['ws', 'list'], { env: { MOLECULE_API_URL: house.ready.url, MOLECULE_API_KEY: made.value } });
    expect((await use()).code).toBe(0);
    const listed = await json<{ id: string; lastUsedAt: string | null; expiresAt: string | null }[]>('token', 'list');
    expect(JSON.stringify(listed)).not.toContain(made.value);
    expect(listed.find(({ id }) => id === made.id)?.expiresAt).not.toBeNull();
    await until(
      'its last use is shown',
      () => json<{ id: string; lastUsedAt: string | null }[]>('token', 'list'),
      (items) => items.find(({ id }) => id === made.id)?.lastUsedAt !== null,
    );
    expect((await plain('token', 'list')).stdout).toContain('ci');
    await plain('token', 'revoke', made.id);
    expect(await use()).toMatchObject({ code: 1, stderr: expect.stringContaining('revoked') });
    const value = (
      await plain('token', 'create', 'another', '--scope', 'workspaces:read', 'events:read')
    ).stdout.trim();
    expect(value).toMatch(/^mol_\S+$/);
  },
);

test(verifies('I2-cli-commands', 'token sign-in gives a link that works once'), async () => {
  const { signInUrl } = await json<{ signInUrl: string }>('token', 'sign-in');
  const visit = () => fetch(signInUrl, { redirect: 'manual' });
  expect((await visit()).status).toBe(303);
  expect((await visit()).status).toBe(401);
  expect((await plain('token', 'sign-in')).stdout).toContain(`${house.ready.url}/sign-in?token=`);
});

test(verifies('I2-cli-commands', 'doctor names what was found and what to do'), async () => {
  const findings = await json<{ check: string; status: string; fix: string | null }[]>('doctor');
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['Node', 'PostgreSQL', 'Data directory', 'Sandbox', 'Runtime molecule-agent']),
  );
  for (const { status, fix, check } of findings) expect(status === 'ok' || fix !== null, check).toBe(true);
  expect((await plain('doctor')).stdout).toMatch(/^ +CHECK +FOUND +FIX/);
});

test.each([
  [['nonsense']],
  [['ws', 'nonsense']],
  [['--nonsense']],
  [['ws', 'list', '--nonsense']],
  [['ws', 'get']],
  [['ws', 'create']],
  [['ws', 'rm', 'x']],
  [['chat']],
  [['token', 'create', 'x']],
  [['up', '--port', 'many']],
  [['up', '--port', '70000']],
  [['ws', 'list', 'surplus']],
])(verifies('I2-cli-exit', 'wrong usage %j exits with 2 and says what is wrong, on stderr'), async (args) => {
  const result = await house.cli(...args);
  expect([result.code, result.stdout]).toEqual([2, '']);
  expect(result.stderr).not.toBe('');
  expect(result.stderr).not.toContain('    at ');
});

test(verifies('I2-cli-exit', 'help and version are no failure'), async () => {
  for (const flag of ['--help', '--version', 'ws --help'])
    expect(await house.cli(...flag.split(' '))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/./),
      stderr: '',
    });
});

test(
  verifies('I2-cli-exit', 'a failure exits with 1, with what to do, and as one JSON value with --json'),
  async () => {
    const missing = await house.cli('ws', 'get', 'nobody');
    expect(missing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no workspace nobody.\n`molecule ws list` shows the workspaces.\n',
    });
    const asJson = await house.cli('ws', 'get', 'nobody', '--json');
    expect([asJson.code, JSON.parse(asJson.stdout)]).toMatchObject([
      1,
      { type: 'error', code: 'workspace_not_found', hint: expect.any(String) },
    ]);

    const empty = mkdtempSync(join(tmpdir(), 'molecule-empty-'));
    onTestFinished(() => rmSync(empty, { recursive: true, force: true }));
    for (const command of [
      ['ws', 'list'],
      ['chat', 'hello'],
      ['token', 'list'],
    ]) {
      const result = await runCli(['--data-dir', empty, '--json', ...command]);
      expect([result.code, JSON.parse(result.stdout)]).toMatchObject([
        1,
        { code: 'not_running', hint: expect.stringContaining('molecule up') },
      ]);
    }
  },
);

test(verifies('I2-cli-commands', 'commands that mean the concierge find it under whatever name it has'), async () => {
  await plain('ws', 'change', 'Concierge', '--name', 'Boss');
  onTestFinished(async () => void (await house.cli('ws', 'change', 'Boss', '--name', 'Concierge')));
  expect((await plain('plugin', 'install', 'builtin:seo-all')).stdout).toContain('seo-all');
  expect((await plain('plugin', 'lock')).stdout).toContain('seo-all: up to date');
  expect((await plain('plugin', 'uninstall', 'seo-all')).stdout).toContain('uninstalled');
  expect((await plain('chat', 'hello')).stdout).toContain('demo model');
});
