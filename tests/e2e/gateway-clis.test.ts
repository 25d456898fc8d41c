import { join } from 'node:path';
import { adapterFor, knownRuntimes, readObservation } from '@molecule/adapters';
import type { Workspace } from '@molecule/contracts';
import { processesOf, startTestInstallation, type TestInstallation, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyedUpstream, startKeyedUpstream } from './keyed-upstream.ts';
import { pathWithRuntimes } from './runtimes-path.ts';
import { commandLinesWith, filesWith } from './whole-tree.ts';

/*
 * Each agent CLI that is proved with its real binary, in its box, through the gateway: what is counted is what the provider served, and the
 * provider's key is where only the provider sees it. The table is the record of the conformance kit: a runtime that is proved is tested here.
 */

const KEY = `sk-the-providers-own-${'k'.repeat(40)}`;
const LIMIT = { timeout: 300_000 };
const START_LIMIT_MS = 300_000;

/** A model of a vendor that speaks the protocol which the runtime likes best. */
const MODEL = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  openaiResponses: 'openai/gpt-5.1',
  openaiChat: 'openai/gpt-5.1',
  google: 'google/gemini-2.5-flash',
} as const;

interface Usage {
  readonly total: Readonly<Record<string, number>>;
}

async function areFound(house: TestInstallation): Promise<boolean> {
  const { items } = (await house.http<{ items: { runtime: string; available: boolean }[] }>('GET', '/api/v1/runtimes'))
    .body;
  return proved.every((runtime) => items.some((each) => each.runtime === runtime && each.available));
}

const observations = await Promise.all(knownRuntimes().map(readObservation));
const proved = observations.flatMap((record) => (record?.tested === 'run' ? [record.runtime] : []));

describe('agent CLIs through the gateway', () => {
  let upstream: KeyedUpstream;
  let house: TestInstallation;

  beforeAll(async () => {
    upstream = await startKeyedUpstream(KEY, {
      script: () => ({ text: ['seen ', 'through ', 'the gateway'], usage: { cacheReadTokens: 5, reasoningTokens: 0 } }),
    });
    house = await startTestInstallation({
      env: {
        PATH: pathWithRuntimes(),
        ANTHROPIC_API_KEY: KEY,
        ANTHROPIC_BASE_URL: upstream.url,
        OPENAI_API_KEY: KEY,
        OPENAI_BASE_URL: `${upstream.url}/v1`,
        GEMINI_API_KEY: KEY,
        GOOGLE_GEMINI_BASE_URL: upstream.url,
      },
      args: ['--no-concierge'],
    });
    // Seven CLIs say their versions at the same time: on a busy machine one may take too long, and is looked for again at the next start.
    for (let at = 0; at < 2 && !(await areFound(house)); at += 1) {
      await house.down();
      await house.up();
    }
  }, START_LIMIT_MS);
  afterAll(async () => {
    await house?.dispose();
    await upstream?.close();
  });

  test(verifies('I5-clis', 'at least the runtimes that are proved today are among those that run'), () => {
    expect(proved).toEqual(expect.arrayContaining(['claude-code', 'codex', 'molecule-agent']));
  });

  test.each(proved)(
    verifies(['I5-clis', 'I5-key', 'I5-meter'], '%s runs a turn, is counted as it was served, and never has the key'),
    LIMIT,
    async (runtime) => {
      const [protocol] = adapterFor(runtime).capabilities.protocols;
      const model = MODEL[protocol ?? 'anthropic'];
      const before = upstream.model.records.length;
      const made = await house.cli('ws', 'create', runtime, '--runtime', runtime, '--model', model);
      expect(made.code, made.stdout + made.stderr).toBe(0);
      const chat = await house.cli('chat', runtime, 'say what you see');
      expect(chat.stdout, chat.stderr).toContain('seen through the gateway');

      const calls = () => upstream.model.records.slice(before).filter(({ operation }) => operation === 'generate');
      const { id } = (await house.http<Workspace>('GET', `/api/v1/workspaces/${runtime}`)).body;
      const usage = await until(
        'every call is counted',
        async () => (await house.http<Usage>('GET', `/api/v1/usage?workspace=${id}`)).body.total,
        (total) => calls().every(({ outcome }) => outcome !== 'pending') && total['requests'] === calls().length,
        120_000,
      );
      const sum = (of: 'inputTokens' | 'outputTokens' | 'cacheReadTokens') =>
        calls().reduce((total, { served }) => total + served[of], 0);
      expect(usage).toMatchObject({
        inputTokens: sum('inputTokens'),
        outputTokens: sum('outputTokens'),
        cachedTokens: sum('cacheReadTokens'),
        estimatedRequests: 0,
        failedRequests: 0,
      });
      expect(calls().length).toBeGreaterThan(0);

      expect(upstream.served()).toMatchObject({ without: 0 });
      expect(commandLinesWith(KEY)).toEqual([]);
      const inBox = processesOf(join(house.dataDir, 'boxes', id));
      for (const { environment } of inBox) expect(JSON.stringify(environment)).not.toContain(KEY);
      expect(filesWith(house.dataDir, KEY)).toEqual([]);
    },
  );
});
