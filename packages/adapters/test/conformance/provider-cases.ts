import type { TurnEvent } from '@molecule/contracts';
import type { ScriptStep } from '@molecule/models';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentSession, RuntimeAdapter } from '../../src/index.ts';
import { collect, endOf, type TestBox, turn } from './test-box.ts';

/** How a runtime asks its provider again by itself, where nothing can keep it from that. */
export interface RetryWays {
  /** It has a cut answer continued by the model, and does not throw away its beginning. */
  readonly continuesCutAnswers?: boolean;
  /** What the provider asks to wait where it fails for now; 0, which most take at their word, is not heard by all. */
  readonly retryAfterSeconds?: number;
}

/** What a provider does instead of answering, and the failure that it is. */
const FAILURES = [
  ['says auth', { fail: { kind: 'auth' } }, 'auth'],
  ['says budget', { fail: { kind: 'budget' } }, 'quota'],
  ['says unknown_model', { fail: { kind: 'unknown_model' } }, 'model'],
  ['says too_large', { fail: { kind: 'too_large' } }, 'context'],
  [
    'says that the prompt is too long',
    { fail: { kind: 'bad_request', message: 'prompt is too long: 250000 tokens > 200000 maximum' } },
    'context',
  ],
  ['says rate_limit at every try', { fail: { kind: 'rate_limit' } }, 'rate_limit'],
  ['says overload at every try', { fail: { kind: 'overload' } }, 'model'],
  ['cuts the answer at every try', { text: ['a', 'b', 'c'], cutAfterDeltas: 1 }, 'model'],
  ['blocks the answer', { isRefused: true }, 'refused'],
] as const satisfies readonly (readonly [string, ScriptStep, string])[];

/** Marks what belongs to the conversation below. */
const MARK = 'MARK_ASIDE';
/** Some ask for a minute and longer, on a machine that does other things as well. */
const LIMIT_MS = 180_000;

export interface ProviderCases {
  /** Once the home is set up: a runtime's first start in it is not to be disturbed by a second one. */
  begin(): void;
  cases(): void;
}

interface Outcome {
  readonly events: readonly TurnEvent[];
  readonly asked: number;
}

/**
 * One conversation in a process of its own, which runs beside the other cases: most of its time is waiting, because runtimes ask again by
 * themselves. Its cases take the outcomes.
 */
export function providerCases(adapter: RuntimeAdapter, boxOf: () => TestBox, ways: RetryWays): ProviderCases {
  const outcomes = new Map<string, PromiseWithResolvers<Outcome>>();
  for (const [does] of FAILURES) outcomes.set(does, Promise.withResolvers());
  /** What still runs when the reader of its last turn has gone away. */
  const left = Promise.withResolvers<readonly string[]>();
  const given = new AbortController();
  let talk: Promise<void> | null = null;

  async function converse(box: TestBox): Promise<void> {
    const session: AgentSession = adapter.openSession(box.context({ spawn: (plan) => box.asideProcesses.spawn(plan) }));
    let sessionId: string | null = null;
    try {
      for (const [does, step] of FAILURES) {
        let asked = 0;
        box.asideScript = {
          mark: MARK,
          script: () => {
            asked += 1;
            return 'fail' in step ? { fail: { ...step.fail, retryAfterSeconds: ways.retryAfterSeconds ?? 0 } } : step;
          },
        };
        const signal = AbortSignal.any([given.signal, AbortSignal.timeout(LIMIT_MS)]);
        const events = await collect(session.runTurn(turn(`${MARK}: hello`, { sessionId, signal })));
        sessionId = endOf(events).sessionId;
        outcomes.get(does)?.resolve({ events, asked });
      }
      box.asideScript = { mark: MARK, script: () => ({ text: ['a', 'b'], hangAfterDeltas: 1 }) };
      let hasText = false;
      for await (const event of session.runTurn(turn(`${MARK}: wait`, { sessionId }))) {
        hasText = event.type === 'text';
        if (hasText) break;
      }
      left.resolve(hasText ? box.asideProcesses.left(0) : ['nothing was said that could be left']);
    } finally {
      await session.close(200);
    }
  }

  function begin(): void {
    talk ??= converse(boxOf()).catch((error: unknown) => {
      for (const outcome of [...outcomes.values(), left]) outcome.reject(error);
    });
    for (const { promise } of [...outcomes.values(), left]) promise.catch(() => undefined);
  }
  afterAll(async () => {
    given.abort();
    await talk;
  });

  return {
    begin,
    cases: () => {
      describe('a provider that refuses', { timeout: LIMIT_MS + 60_000 }, () => {
        beforeAll(begin);
        test.each(FAILURES)(
          verifies('I3-turn-failures', 'a provider that %s makes the failure as it is, and no answer'),
          async (does, _step, failure) => {
            const outcome = await outcomes.get(does)?.promise;
            expect(outcome?.asked).toBeGreaterThan(0);
            expect(endOf(outcome?.events ?? [])).toMatchObject({ ok: false, failure });
            expect(outcome?.events).toContainEqual(expect.objectContaining({ type: 'error', code: failure }));
          },
        );

        test(verifies('I3-turn-cancel', 'a reader that goes away cancels the turn'), async () => {
          expect(await left.promise).toEqual([]);
        });
      });
    },
  };
}
