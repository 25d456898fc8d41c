import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterFor, boxLayout, readObservation } from '@molecule/adapters';
import { MANAGEMENT_SERVER_NAME, type Readiness, type Workspace } from '@molecule/contracts';
import type { ModelRequest } from '@molecule/models';
import { startTestInstallation, type TestInstallation, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KeyedUpstream, startKeyedUpstream } from './keyed-upstream.ts';
import { pathWithRuntimes } from './runtimes-path.ts';

/*
 * One concierge moves from runtime to runtime, each the real binary in its box. The model is a provider on loopback that keeps what it was
 * asked: whether a conversation was kept is seen in what reached the model.
 */

const KEY = `sk-of-the-provider-${'k'.repeat(40)}`;
/** A router serves three protocols under one name; the fourth has a vendor of its own. */
const [ROUTED, GOOGLE] = ['openrouter/scripted/any', 'google/gemini-2.5-flash'];

const WAY = ['claude-code', 'codex', 'gemini-cli', 'opencode', 'claude-code'];
const records = await Promise.all(WAY.map(readObservation));
/** A runtime that is not proved by the conformance kit is left out; a proof of it would say nothing. */
const way = WAY.filter((_, index) => records[index]?.tested === 'run');

let upstream: KeyedUpstream;
let house: TestInstallation;
const requests: ModelRequest[] = [];

beforeAll(async () => {
  upstream = await startKeyedUpstream(KEY, {
    script: (request) => {
      requests.push(request);
      if (request.tools.length === 0) return { text: 'A title' };
      return request.results.length === 0 ? { calls: [{ tool: 'list_workspaces' }] } : { text: 'I looked.' };
    },
  });
  house = await startTestInstallation({
    env: {
      PATH: pathWithRuntimes(),
      OPENROUTER_API_KEY: KEY,
      OPENROUTER_BASE_URL: upstream.url,
      GEMINI_API_KEY: KEY,
      GOOGLE_GEMINI_BASE_URL: upstream.url,
    },
    args: ['--runtime', 'claude-code', '--model', ROUTED],
  });
});
afterAll(async () => {
  await house?.dispose();
  await upstream?.close();
});

const id = () => house.ready.concierge?.id ?? '';
const concierge = async () => (await house.http<Workspace>('GET', `/api/v1/workspaces/${id()}`)).body;
const modelOf = (runtime: string) => (adapterFor(runtime).capabilities.protocols[0] === 'google' ? GOOGLE : ROUTED);
const serversFile = (runtime: string) =>
  adapterFor(runtime).nativeFiles(boxLayout(join(house.dataDir, 'boxes', id())))[0]?.path ?? '';

test(verifies(
  ['I3-switch', 'B70', 'T35'],
  'a concierge moves through the runtimes and back: proved by each, its conversation kept, the files of the others beside the point',
), { timeout: 400_000 }, async () => {
  expect(way.length).toBeGreaterThanOrEqual(4);
  const boots = new Set<string>();
  for (const [leg, runtime] of way.entries()) {
    if (leg > 0) {
      // What another runtime reads is broken: nobody else may mind.
      const stale = serversFile(way[leg - 1] ?? '');
      expect(readFileSync(stale, 'utf8')).toContain(MANAGEMENT_SERVER_NAME);
      // First, so that the box of the new runtime boots with it.
      if (modelOf(runtime) !== modelOf(way[leg - 1] ?? '')) {
        const set = await house.cli('model', 'set', modelOf(runtime), '--workspace', id());
        expect(set.code, set.stdout + set.stderr).toBe(0);
      }
      const switched = await house.cli('--json', 'ws', 'change', id(), '--runtime', runtime);
      expect(switched.code, switched.stdout + switched.stderr).toBe(0);
      writeFileSync(stale, '{ "mcpServers": broken');
    }
    const online = await until(
      `the concierge is online with ${runtime}`,
      concierge,
      ({ status, statusReason }) => status === 'online' && statusReason === null,
      120_000,
    );
    expect(online.runtime).toBe(runtime);

    const { body } = await house.http<Readiness>('GET', `/api/v1/workspaces/${id()}/readiness`);
    boots.add(body.bootId ?? '');
    expect(boots.size).toBe(leg + 1);
    const rungs = body.servers.find(({ server }) => server === MANAGEMENT_SERVER_NAME)?.rungs ?? [];
    expect(rungs, runtime).toContainEqual(expect.objectContaining({ rung: 'rendered', state: 'passed' }));
    expect(rungs, runtime).toContainEqual(expect.objectContaining({ rung: 'live', state: 'passed', witnessed: true }));
    expect(readFileSync(serversFile(runtime), 'utf8')).toContain(MANAGEMENT_SERVER_NAME);

    const before = requests.length;
    const chat = await house.cli('--json', 'chat', `remember fruit-${leg}-pear`);
    expect(chat.code, chat.stdout + chat.stderr).toBe(0);
    const last = requests.slice(before).findLast(({ tools }) => tools.length > 0);
    // The tool ran in the management server: its answer names this workspace.
    expect(last?.results.at(-1)?.text, runtime).toContain(id());
    const seen = JSON.stringify(last?.messages);
    for (let past = 0; past <= leg; past += 1)
      expect(seen.split(`fruit-${past}-pear`).length - 1, `${runtime} knows leg ${past}`).toBe(1);
  }
  const messages = await house.http<{ items: { text: string }[] }>('GET', `/api/v1/workspaces/${id()}/messages`);
  const said = messages.body.items.map(({ text }) => text);
  for (const leg of way.keys()) expect(said).toContain(`remember fruit-${leg}-pear`);
});
