import type { TurnEvent } from '@molecule/contracts';

/** One earlier message of a conversation that starts anew in this agent. */
export interface HistoryMessage {
  readonly role: 'user' | 'agent';
  readonly text: string;
}

/** A line on stdin of `molecule-agent --stream`. */
export type AgentInput =
  | {
      readonly type: 'turn';
      readonly prompt: string;
      readonly sessionId: string | null;
      readonly history: readonly HistoryMessage[];
    }
  /** Ends the running turn at once; the process stays. */
  | { readonly type: 'cancel' }
  /** The configuration files changed: the next turn sees them. */
  | { readonly type: 'reload' }
  /** Loads the libraries and connects the servers before the first turn. */
  | { readonly type: 'warm' }
  /** Connects the servers and answers with a status line. */
  | { readonly type: 'status' };

export interface ServerStatus {
  readonly connected: boolean;
  /** Names as the server gives them; null when it is not connected. */
  readonly tools: readonly string[] | null;
  readonly problem: string | null;
}

/** Lines on stdout besides the turn events of `contracts`. */
export type AgentNotice =
  | {
      readonly type: 'status';
      readonly version: string;
      readonly servers: Readonly<Record<string, ServerStatus>>;
      readonly problem: string | null;
    }
  | { readonly type: 'protocol_error'; readonly message: string };

export type AgentOutput = TurnEvent | AgentNotice;

/** Reads one input line; a string says what is wrong with it. Unknown keys are ignored, so that old agents take new lines. */
export function parseAgentInput(line: string): AgentInput | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'The line is not JSON.';
  }
  if (typeof value !== 'object' || value === null || !('type' in value))
    return 'The line is not an object with a type.';
  switch (value.type) {
    case 'cancel':
    case 'reload':
    case 'warm':
    case 'status':
      return { type: value.type };
    case 'turn':
      return parseTurn(value);
    default:
      return `The type ${JSON.stringify(value.type)} is not known.`;
  }
}

function parseTurn(value: object): AgentInput | string {
  const prompt = 'prompt' in value ? value.prompt : undefined;
  const sessionId = 'sessionId' in value ? value.sessionId : null;
  const history = 'history' in value ? value.history : [];
  if (typeof prompt !== 'string' || prompt === '') return 'A turn needs a prompt.';
  if (sessionId !== null && sessionId !== undefined && typeof sessionId !== 'string')
    return 'The sessionId is not a string.';
  if (!Array.isArray(history)) return 'The history is not a list.';
  const messages: HistoryMessage[] = [];
  for (const entry of history as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null || !('role' in entry) || !('text' in entry))
      return 'A history entry is not a message.';
    const { role, text } = entry;
    if ((role !== 'user' && role !== 'agent') || typeof text !== 'string') return 'A history entry is not a message.';
    messages.push({ role, text });
  }
  return { type: 'turn', prompt, sessionId: sessionId ?? null, history: messages };
}
