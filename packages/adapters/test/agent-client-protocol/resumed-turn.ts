import type { AcpProfile } from '../../src/agent-client-protocol/profile.ts';
import { answerFailure } from '../../src/agent-client-protocol/prose-failure.ts';
import { acpTurn } from '../../src/agent-client-protocol/turn-reader.ts';
import { ZERO_USAGE } from '../../src/agent-client-protocol/usage-sum.ts';
import { boxLayout, type SessionContext } from '../../src/index.ts';

export const SESSION = 'session-1';
export const PROFILE: AcpProfile = {
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
export function resumedTurn(profile: AcpProfile) {
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
  const update = (update: object) => tell({ method: 'session/update', params: { sessionId: SESSION, update } });
  return {
    events,
    answer: (result: unknown) => tell({ id: asked.id, result }),
    refuse: () => tell({ id: asked.id, error: { code: -32601, message: 'Method not found' } }),
    say: (words: string) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: words } }),
    call: (title: string) =>
      update({ sessionUpdate: 'tool_call', toolCallId: title, title, status: 'completed', rawInput: {} }),
  };
}

/** What a runtime that can take up a session says of itself. */
export const LOADS = { agentCapabilities: { loadSession: true } };
