import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOf, startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type KeyedUpstream, startKeyedUpstream } from './keyed-upstream.ts';
import { pathWithRuntimes } from './runtimes-path.ts';
import { commandLinesWith, filesWith } from './whole-tree.ts';

const KEY = `sk-ant-test-${'k'.repeat(40)}`;

async function startUpstream(): Promise<KeyedUpstream> {
  const upstream = await startKeyedUpstream(KEY);
  onTestFinished(() => upstream.close());
  return upstream;
}

async function start(options: Parameters<typeof startTestInstallation>[0]): Promise<TestInstallation> {
  const house = await startTestInstallation(options);
  onTestFinished(() => house.dispose());
  return house;
}

/** The key may be in the memory of `up` and in the environment it was given in; nowhere else. */
async function expectNowhere(house: TestInstallation, secret: string): Promise<void> {
  const database = house.openDatabase();
  try {
    await sql`checkpoint`.execute(database.kysely); // so that what is in the database is in its files
  } finally {
    await database.close();
  }
  expect(filesWith(house.dataDir, secret)).toEqual([]);
  expect(commandLinesWith(secret)).toEqual([]);
  const holders = processesOf(house.dataDir).filter(({ environment }) => JSON.stringify(environment).includes(secret));
  expect(holders.map(({ pid }) => pid)).toEqual(house.pids('control-plane'));
  const inBoxes = processesOf(join(house.dataDir, 'boxes')).filter(
    ({ environment }) => environment['MOLECULE_WORKSPACE_ID'] !== undefined,
  );
  expect(inBoxes.length).toBeGreaterThan(0);
  for (const { environment } of inBoxes) expect(JSON.stringify(environment)).not.toContain(secret);
  const events = await house.http('GET', '/api/v1/events?cursor=0-0&limit=500', undefined, {
    headers: { accept: 'application/json' },
  });
  expect(JSON.stringify(events.body)).not.toContain(secret);
  expect(house.output.stdout + house.output.stderr).not.toContain(secret);
}

test.each(['molecule-agent', 'claude-code'])(
  verifies(
    ['I2-story-key', 'I2-story-claude', 'I2-host-environment'],
    'a provider key in the environment is used by %s, is said, and is written nowhere',
  ),
  { timeout: 300_000 },
  async (runtime) => {
    const upstream = await startUpstream();
    const house = await start({
      env: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: upstream.url, PATH: pathWithRuntimes() },
      args: ['--runtime', runtime],
    });
    expect(house.ready).toMatchObject({
      runtime,
      model: expect.stringMatching(/^anthropic\/claude-/),
      demo: false,
      modelNote: expect.stringContaining('the key in ANTHROPIC_API_KEY'),
      concierge: { status: 'online' },
    });
    const chat = await house.cli('chat', 'create a workspace called research');
    expect(chat.code, chat.stderr).toBe(0);
    expect((await house.http('GET', '/api/v1/workspaces/research')).body).toMatchObject({ status: 'online', runtime });
    expect(upstream.served().withKey).toBeGreaterThan(1);
    expect(upstream.served().without).toBe(0);
    await expectNowhere(house, KEY);
  },
);

test(verifies('I2-story-key', "a CLI's own login is found, used directly, and not copied"), {
  timeout: 300_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'molecule-login-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const token = `sk-ant-oat01-${'t'.repeat(40)}`;
  mkdirSync(join(home, '.claude'));
  writeFileSync(
    join(home, '.claude', '.credentials.json'),
    JSON.stringify({
      claudeAiOauth: {
        accessToken: token,
        refreshToken: token,
        expiresAt: 4_000_000_000_000,
        scopes: ['user:inference'],
        subscriptionType: 'max',
      },
    }),
    { mode: 0o600 },
  );
  const house = await start({ env: { HOME: home, PATH: pathWithRuntimes() } });
  expect(house.ready).toMatchObject({
    runtime: 'claude-code',
    model: null,
    demo: false,
    modelNote: expect.stringContaining('own login'),
  });
  expect(filesWith(house.dataDir, token)).toEqual([]);
  expect(commandLinesWith(token)).toEqual([]);
});
