import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TurnEvent } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { adapterFor, boxLayout, knownRuntimes, readObservation, type SessionContext } from '../../src/index.ts';
import { collect, endOf, turn } from '../conformance/test-box.ts';
import { recordedProcesses } from './recorded-process.ts';

/*
 * What the real CLIs said in one version, read again in milliseconds by everything that reads them: session, dialect, turn reader.
 * `record.ts` makes the files.
 */
const folderOf = (runtime: string): string =>
  join(import.meta.dirname, `${runtime}-${adapterFor(runtime).capabilities.testedVersion}`);
const recorded = knownRuntimes().filter((runtime) => existsSync(folderOf(runtime)));

function contextFor(runtime: string, spawn: SessionContext['spawn']): SessionContext {
  const layout = boxLayout('/nonexistent/box');
  return {
    layout,
    detection: {
      available: true,
      path: '/nonexistent/cli',
      version: adapterFor(runtime).capabilities.testedVersion,
      problem: null,
      hasLogin: false,
      readPaths: [],
    },
    model: { kind: 'gateway', provider: 'demo', model: 'demo/scripted', demo: true, paths: {} },
    env: { HOME: layout.home },
    allowedServers: ['molecule-platform'],
    spawn,
    now: Date.now,
    warmMs: 60_000,
    prewarm: false,
    log: () => undefined,
  };
}

/** The turns of a recorded case, in one session; `cancelAtText` ends a turn when its first text has come. */
async function turnsOf(
  runtime: string,
  name: string,
  prompts: readonly string[],
  cancelAtText = false,
): Promise<TurnEvent[][]> {
  const processes = recordedProcesses(join(folderOf(runtime), `${name}.jsonl`));
  const session = adapterFor(runtime).openSession(contextFor(runtime, () => processes.spawn()));
  const turns: TurnEvent[][] = [];
  let sessionId: string | null = null;
  for (const prompt of prompts) {
    const controller = new AbortController();
    const running = session.runTurn(turn(prompt, { sessionId, signal: controller.signal }));
    const events: TurnEvent[] = [];
    if (cancelAtText)
      for await (const event of running) {
        events.push(event);
        if (event.type === 'text') controller.abort();
      }
    else events.push(...(await collect(running)));
    sessionId = endOf(events).sessionId;
    turns.push(events);
  }
  await session.close(0);
  for (const event of turns.flat()) expect(TurnEvent.parse(event)).toEqual(event);
  return turns;
}

test(
  verifies('I3-turn-recorded', 'every runtime that was proved with its binary is recorded in that version'),
  async () => {
    for (const runtime of knownRuntimes()) {
      const observation = await readObservation(runtime);
      if (observation?.tested === 'run') expect(recorded).toContain(runtime);
    }
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => join(import.meta.dirname, name)).sort()).toEqual(recorded.map(folderOf).sort());
  },
);

describe.each(recorded)('%s as it was recorded', (runtime) => {
  test(verifies(['I3-turn-recorded', 'I3-turn-events'], 'a turn with a call of a tool'), async () => {
    const [events = []] = await turnsOf(runtime, 'tool-turn', ['make a workspace']);
    expect(events[0]).toMatchObject({ type: 'started' });
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'tool_call',
        server: 'molecule-platform',
        tool: 'provision_workspace',
        input: { name: 'research' },
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool_result', ok: true, output: expect.stringContaining('ws-1') }),
    );
    expect(events).toContainEqual(expect.objectContaining({ type: 'usage' }));
    expect(endOf(events)).toMatchObject({ ok: true, text: 'All done.', failure: null });
  });

  test(verifies(['I3-turn-recorded', 'I3-turn-resume'], 'two turns of one session'), async () => {
    const [first = [], second = []] = await turnsOf(runtime, 'two-turns', ['remember PEAR', 'what was it?']);
    expect([endOf(first), endOf(second)]).toMatchObject([
      { ok: true, text: 'Noted.' },
      { ok: true, text: 'Noted.' },
    ]);
    expect(endOf(second).sessionId).toBe(endOf(first).sessionId);
  });

  test(verifies(['I3-turn-recorded', 'I3-turn-events'], 'a tool that fails in a turn that goes well'), async () => {
    const [events = []] = await turnsOf(runtime, 'tool-failure', ['fail']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool_result', ok: false }));
    expect(endOf(events)).toMatchObject({ ok: true, text: 'It failed.' });
  });

  test.each(
    [
      ['auth-failure', 'auth'],
      ['budget-failure', 'quota'],
      ['rate-limit', 'rate_limit'],
      ['context-failure', 'context'],
    ].filter(([name]) => existsSync(join(folderOf(runtime), `${name}.jsonl`))),
  )(verifies(['I3-turn-recorded', 'I3-turn-failures'], '%s is %s'), async (name = '', failure = '') => {
    const [events = []] = await turnsOf(runtime, name, ['hello']);
    expect(endOf(events)).toMatchObject({ ok: false, failure });
    expect(events).toContainEqual(expect.objectContaining({ type: 'error', code: failure }));
  });

  test(verifies(['I3-turn-recorded', 'I3-turn-cancel'], 'a turn that was cancelled'), async () => {
    const [events = []] = await turnsOf(runtime, 'cancelled', ['wait'], true);
    expect(endOf(events)).toMatchObject({ ok: false, failure: 'cancelled' });
  });
});
