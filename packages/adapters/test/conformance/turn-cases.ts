import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentSession, RuntimeAdapter } from '../../src/index.ts';
import { providerCases, type RetryWays } from './provider-cases.ts';
import { collect, endOf, occurrences, TestBox, textOf, turn } from './test-box.ts';

const CALL = { calls: [{ tool: 'provision_workspace', args: { name: 'research' } }] };

interface Conversation {
  readonly session: AgentSession;
  readonly id: string | null;
  /** Number of its process among those that the box has started. */
  readonly process: number;
}

/** What every adapter must do with its real binary on the scripted model. A missing binary is a failure, not a skip (B104). */
export function turnCases(
  adapter: RuntimeAdapter,
  hostEnv: Readonly<Record<string, string | undefined>>,
  tells: 'tools' | 'connected' | 'listed' = 'tools',
  ways: RetryWays = {},
): void {
  // The slowest of them needs seconds for its start alone.
  describe(`${adapter.id}, the real binary`, { timeout: 120_000 }, () => {
    let box: TestBox;
    const sessions: AgentSession[] = [];
    const open = (extra: Parameters<TestBox['context']>[0] = {}) => {
      const session = adapter.openSession(box.context(extra));
      sessions.push(session);
      return session;
    };
    // Some take seconds to start, so cases that need no process of their own share one, and cases that end one end one that was needed before.
    let talk: AgentSession;
    let talkId: string | null = null;
    const warm = new Map<'resumed' | 'renewed' | 'cut', Conversation>();
    const conversation = (): Conversation => ({ session: open(), id: null, process: box.processes.started.length });
    const say = async (prompt: string) => {
      const events = await collect(talk.runTurn(turn(prompt, { sessionId: talkId })));
      talkId = endOf(events).sessionId;
      return events;
    };

    beforeAll(async () => {
      box = await new TestBox(adapter, hostEnv).open();
      const skill = join(box.layout.root, 'artifact', 'audit');
      mkdirSync(skill, { recursive: true });
      writeFileSync(
        join(skill, 'SKILL.md'),
        '---\nname: audit\ndescription: MARK_SKILL audits a site\n---\nThe body.\n',
      );
      box.render({
        servers: [box.probeServer()],
        identity: 'You are MARK_IDENTITY.',
        skills: [{ name: 'audit', path: skill }],
      });
      talk = open();
    });
    const provider = providerCases(adapter, () => box, ways);
    afterEach(() => {
      if (talkId !== null) provider.begin();
    });
    beforeEach(() => {
      box.requests.length = 0;
    });
    afterAll(async () => {
      await Promise.all(sessions.map((session) => session.close(200)));
      await box.close();
    });

    test('it is found, with its version', () => {
      expect(box.detection()).toMatchObject({ available: true, problem: null });
      expect(box.detection().version).toMatch(/^\d+\.\d+\.\d+/);
    });

    test(verifies('B69', 'it says itself what it loaded, as far as it can tell'), async () => {
      const inspection = await adapter.inspect(box.context());
      const seen = inspection?.servers['molecule-platform'];
      expect(seen).toMatchObject({ connected: tells === 'listed' ? null : true, problem: null });
      if (tells === 'tools') expect(seen?.tools).toContain('provision_workspace');
    });

    test(
      verifies(
        ['B65', 'B70', 'I3-turn-events', 'I3-turn-identity', 'I3-deferred'],
        'a turn streams, calls the real tool and ends well; identity and skill reach the model once',
      ),
      async () => {
        box.script = (request) => (request.results.length === 0 ? CALL : { text: ['All ', 'done.'] });
        const events = await say('make a workspace');
        expect(endOf(events)).toMatchObject({ ok: true, text: 'All done.', failure: null });
        expect(events[0]).toMatchObject({ type: 'started' });
        expect(events).toContainEqual(
          expect.objectContaining({
            type: 'tool_call',
            server: 'molecule-platform',
            tool: 'provision_workspace',
            input: { name: 'research' },
          }),
        );
        expect(events).toContainEqual(expect.objectContaining({ type: 'tool_result', ok: true }));
        expect(textOf(events)).toBe('All done.');
        expect(events).toContainEqual(expect.objectContaining({ type: 'usage' }));
        expect(box.probeEvents()).toContainEqual(
          expect.objectContaining({ event: 'call', tool: 'provision_workspace', args: { name: 'research' } }),
        );
        // Some ask the model for a title first, without tools.
        const request = box.requests.find(({ tools }) => tools.length > 0);
        expect(request && occurrences(request, 'MARK_IDENTITY')).toBe(1);
        expect(
          request && occurrences(request, 'MARK_SKILL') + JSON.stringify(request.tools).split('MARK_SKILL').length - 1,
        ).toBe(1);
        expect(request?.tools.some(({ name }) => name.endsWith('provision_workspace'))).toBe(true);
      },
    );

    test(
      verifies(
        ['B41', 'B73', 'T39', 'I3-env-reference'],
        'its servers are started with the environment that the adapter tells',
      ),
      () => {
        const start = box.probeEvents().findLast(({ event }) => event === 'start');
        const env = box.environment();
        const told = adapter.childEnvironment(env, box.probeServer().descriptor);
        expect(start?.values).toEqual({
          MOLECULE_API_URL: 'http://127.0.0.1:1',
          RENAMED: 'secret-value',
          MOLECULE_ORG_API_KEY: 'org-key',
        });
        expect(Object.keys(told).filter((name) => start?.names?.includes(name) !== true)).toEqual([]);
        // Nothing of ours reaches the server besides what is told: the variables that the CLI itself adds are its own.
        expect(Object.keys(env).filter((name) => start?.names?.includes(name) === true && !(name in told))).toEqual([]);
      },
    );

    test(verifies('I3-turn-events', 'a tool that fails is a failed result, and the turn goes on'), async () => {
      box.script = (request) =>
        request.results.length === 0 ? { calls: [{ tool: 'fail_always' }] } : { text: 'It failed.' };
      const events = await say('fail');
      expect(endOf(events)).toMatchObject({ ok: true, text: 'It failed.' });
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'tool_result',
          ok: false,
          output: expect.stringContaining('it failed on purpose'),
        }),
      );
    });

    test('a second turn uses the warm process and knows the first', async () => {
      box.script = () => ({ text: 'noted' });
      await say('remember PEAR');
      const [before, count] = [talkId, box.processes.started.length];
      expect(endOf(await say('what was it?'))).toMatchObject({ ok: true, sessionId: before });
      expect(box.processes.started.length).toBe(count);
      const last = box.requests.at(-1);
      expect(last && occurrences(last, 'remember PEAR')).toBe(1);
    });

    // A runtime that cannot take up a session in a new process begins anew with the history.
    const past = (text: string) =>
      adapter.capabilities.resume
        ? {}
        : {
            history: [
              { role: 'user' as const, text },
              { role: 'agent' as const, text: 'ok' },
            ],
          };

    test(verifies('I3-turn-resume', 'a session is resumed by a new process'), async () => {
      box.script = () => ({ text: 'noted' });
      const { sessionId } = endOf(await say('remember PLUM'));
      await talk.close(500);
      const next = conversation();
      box.script = () => ({ text: ['It was ', 'PLUM.'] });
      const again = await collect(next.session.runTurn(turn('what was it?', { sessionId, ...past('remember PLUM') })));
      expect(endOf(again)).toMatchObject({
        ok: true,
        text: 'It was PLUM.',
        ...(adapter.capabilities.resume ? { sessionId } : {}),
      });
      // Of what was said before nothing is told again.
      expect(textOf(again)).toBe('It was PLUM.');
      expect(again.filter(({ type }) => type === 'tool_call' || type === 'tool_result')).toEqual([]);
      const last = box.requests.at(-1);
      expect(last && occurrences(last, 'remember PLUM')).toBe(1);
      warm.set('resumed', { ...next, id: endOf(again).sessionId });
    });

    test(verifies('I3-turn-resume', 'a session that is gone begins anew with the history'), async () => {
      box.script = () => ({ text: 'hello again' });
      const sessionId = '99999999-9999-4999-8999-999999999999';
      const anew = conversation();
      const end = endOf(
        await collect(
          anew.session.runTurn(
            turn('go on', {
              sessionId,
              history: [
                { role: 'user', text: 'remember FIG' },
                { role: 'agent', text: 'noted' },
              ],
            }),
          ),
        ),
      );
      expect(end).toMatchObject({ ok: true, text: 'hello again' });
      expect(end.sessionId).not.toBe(sessionId);
      const last = box.requests.at(-1);
      expect(last && occurrences(last, 'remember FIG')).toBe(1);
      warm.set('renewed', { ...anew, id: end.sessionId });
    });

    test.each([
      ['a streaming answer', { text: ['a', 'b'], hangAfterDeltas: 1 }, 'text', 'renewed'],
      ['a tool call', { calls: [{ tool: 'wait_long' }] }, 'tool_call', 'resumed'],
    ] as const)(
      verifies('I3-turn-cancel', 'cancel in the middle of %s ends everything within 2 s'),
      async (_what, step, seen, which) => {
        box.script = () => step;
        const controller = new AbortController();
        const { session, id, process } = warm.get(which) ?? conversation();
        let cancelledAt = 0;
        const events = [];
        for await (const event of session.runTurn(turn('wait', { sessionId: id, signal: controller.signal }))) {
          events.push(event);
          if (event.type !== seen) continue;
          cancelledAt = performance.now();
          controller.abort();
        }
        expect(endOf(events)).toMatchObject({ ok: false, failure: 'cancelled' });
        expect(performance.now() - cancelledAt).toBeLessThan(2000);
        expect(box.processes.left(process)).toEqual([]);
      },
    );

    test(
      verifies(
        'I3-turn-failures',
        'a stream that is cut is no answer: the turn fails, or the model is asked again and only that answer counts',
      ),
      async () => {
        let isFirst = true;
        box.script = ({ tools }) => {
          if (tools.length === 0 || !isFirst) return { text: 'the whole answer' };
          isFirst = false;
          return { text: ['a', 'b', 'c'], cutAfterDeltas: 1 };
        };
        const cut = conversation();
        const end = endOf(await collect(cut.session.runTurn(turn('hello'))));
        warm.set('cut', { ...cut, id: end.sessionId });
        const text = `${ways.continuesCutAnswers === true ? 'a' : ''}the whole answer`;
        expect(end).toMatchObject(end.ok ? { text } : { failure: 'model' });
      },
    );

    let revived: AgentSession;
    let revivedId: string | null = null;

    test(
      verifies(
        ['I3-turn-failures', 'I3-bad-cli'],
        'a process that dies in the middle is a crash, and the next turn runs',
      ),
      async () => {
        box.script = () => ({ text: ['a', 'b'], hangAfterDeltas: 1 });
        const { session, id: sessionId } = warm.get('cut') ?? conversation();
        revived = session;
        const events = [];
        for await (const event of revived.runTurn(turn('hello', { sessionId }))) {
          events.push(event);
          if (event.type === 'text') process.kill(-(box.processes.started.at(-1)?.pid ?? 0), 'SIGKILL');
        }
        expect(endOf(events)).toMatchObject({ ok: false, failure: 'crash' });
        box.script = () => ({ text: 'well again' });
        const end = endOf(await collect(revived.runTurn(turn('remember KIWI'))));
        expect(end).toMatchObject({ ok: true, text: 'well again' });
        revivedId = end.sessionId;
      },
    );

    provider.cases();

    test('a server that is added is there in the next turn after a reload', async () => {
      box.script = () => ({ text: 'ok' });
      box.render({
        servers: [box.probeServer(), box.probeServer('second', 'brand_new')],
        identity: 'You are MARK_IDENTITY.',
      });
      await revived.reload();
      expect(
        endOf(await collect(revived.runTurn(turn('and now?', { sessionId: revivedId, ...past('remember KIWI') })))),
      ).toMatchObject({ ok: true });
      const last = box.requests.at(-1);
      expect(last?.tools.some(({ name }) => name.endsWith('brand_new'))).toBe(true);
      expect(last && occurrences(last, 'remember KIWI')).toBe(1);
    });

    test('nothing is written outside of the box, and no package is fetched into it', () => {
      expect(existsSync(join(box.layout.home, '.npm'))).toBe(false);
      expect(existsSync(join(box.layout.root, 'home'))).toBe(true);
      expect(box.logs.filter((line) => line.includes('could not'))).toEqual([]);
    });
  });
}
