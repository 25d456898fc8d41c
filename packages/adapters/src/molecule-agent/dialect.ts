import { AGENT_BIN_PATH, type AgentInput } from '@molecule/agent';
import { TurnEvent } from '@molecule/contracts';
import type { TurnDialect, TurnReader } from '../turn-process/turn-dialect.ts';

/** The agent speaks our own vocabulary: a line is an event, or a notice of its own. */
export const dialect: TurnDialect = {
  plan: (context) => ({
    command: process.execPath,
    args: [AGENT_BIN_PATH, '--stream'],
    env: context.env,
    cwd: context.layout.work,
  }),
  boundToSession: false,
  turn: (input) => ({
    text: line({ type: 'turn', prompt: input.prompt, sessionId: input.sessionId, history: input.history }),
    reader: turnReader(),
  }),
  reloadText: line({ type: 'reload' }),
  warmText: line({ type: 'warm' }),
  classifyExit: () => null,
};

export function line(input: AgentInput): string {
  return `${JSON.stringify(input)}\n`;
}

function turnReader(): TurnReader {
  let sessionId: string | null = null;
  return {
    read: (text) => {
      const event = parseEvent(text);
      if (event === null) return [];
      if (event.type === 'started' || event.type === 'end') sessionId = event.sessionId ?? sessionId;
      return [event];
    },
    sessionId: () => sessionId,
    outgoing: () => '',
    cancelText: () => line({ type: 'cancel' }),
    // The agent itself begins anew from the history that comes with the turn.
    isSessionLost: () => false,
  };
}

function parseEvent(text: string): TurnEvent | null {
  try {
    return TurnEvent.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
