import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import type { AcpProfile } from '../../src/agent-client-protocol/profile.ts';
import { answerFailure } from '../../src/agent-client-protocol/prose-failure.ts';
import { acpTurn } from '../../src/agent-client-protocol/turn-reader.ts';
import { ZERO_USAGE } from '../../src/agent-client-protocol/usage-sum.ts';
import { boxLayout, type SessionContext } from '../../src/index.ts';

const SESSION = 'session-1';
const PROFILE: AcpProfile = {
  authMethod: () => null,
  toolName: (call) => ({ server: null, tool: call.title ?? '' }),
  toolInput: (call) => call.rawInput,
  inputComesWith: 'call',
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: () => null,
  stepUsage: () => null,
  failure: answerFailure,
};
const CONTEXT: SessionContext = {
  layout: boxLayout('/box'),
  detection: {
    available: true,
    path: '/bin/nova',
    version: '1.0.0',
    problem: null,
    hasLogin: false,
    readPaths: [],
  },
  model: { kind: 'none', reason: 'not_needed', message: '', nextStep: '' },
  env: {},
  allowedServers: [],
  spawn: () => Promise.reject(new Error('nothing is started')),
  now: () => 0,
  warmMs: 0,
  prewarm: false,
  log: () => undefined,
};

/** A turn that takes up a session; `tell` hands it a line of the runtime and gives the method it asks for next. */
function resumedTurn(profile: AcpProfile) {
  const { text, reader } = acpTurn(
    profile,
    { total: ZERO_USAGE },
    { prompt: 'what was it?', sessionId: SESSION, history: [], signal: new AbortController().signal },
    { isResumed: true, isFresh: true, context: CONTEXT },
  );
  let asked: { id: string; method: string } = JSON.parse(text);
  const events: unknown[] = [];
  const tell = (message: Record<string, unknown>): string => {
    events.push(...reader.read(JSON.stringify({ jsonrpc: '2.0', ...message })));
    const more = reader.outgoing();
    if (more === '') return '';
    asked = JSON.parse(more);
    return asked.method;
  };
  return {
    events,
    answer: (result: unknown) => tell({ id: asked.id, result }),
    refuse: () => tell({ id: asked.id, error: { code: -32601, message: 'Method not found' } }),
    say: (words: string) =>
      tell({
        method: 'session/update',
        params: {
          sessionId: SESSION,
          update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: words } },
        },
      }),
  };
}

const LOADS = { agentCapabilities: { loadSession: true } };

test(
  verifies(
    'I3-turn-resume',
    'history that comes after the answer to the load is waited for and is no part of the turn',
  ),
  () => {
    const turn = resumedTurn({ ...PROFILE, historyMayComeLate: true });
    expect(turn.answer(LOADS)).toBe('session/load');
    expect(turn.answer({})).toBe('_molecule/settle');
    expect(turn.say('said long ago')).toBe('');
    expect(turn.refuse()).toBe('_molecule/settle');
    expect(turn.say('and this too')).toBe('');
    expect(turn.refuse()).toBe('_molecule/settle');
    // Nothing came before this answer.
    expect(turn.refuse()).toBe('session/prompt');
    turn.say('It was PEAR.');
    turn.answer({ stopReason: 'end_turn' });
    expect(turn.events).toEqual([
      expect.objectContaining({ type: 'started', sessionId: SESSION }),
      { type: 'text', text: 'It was PEAR.' },
      expect.objectContaining({ type: 'end', ok: true, text: 'It was PEAR.' }),
    ]);
  },
);

test('elsewhere the prompt follows the load at once', () => {
  const turn = resumedTurn(PROFILE);
  expect(turn.answer(LOADS)).toBe('session/load');
  turn.say('said long ago');
  expect(turn.answer({})).toBe('session/prompt');
});
