import type { TurnEvent } from '../api/wire.generated.ts';

export type ToolCall = {
  readonly callId: string;
  readonly server: string | null;
  readonly tool: string;
  readonly input: unknown;
  /** Undefined while it runs. */
  readonly result?: { readonly ok: boolean; readonly output: string; readonly durationMs: number | null };
};

/** What a running turn has shown so far. */
export interface Turn {
  readonly attempt: number;
  /** Index of the next event; a batch that overlaps is cut, so a repeat changes nothing. */
  readonly next: number;
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  readonly notes: readonly string[];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
}

const EMPTY: Omit<Turn, 'attempt'> = { next: 0, text: '', thinking: '', calls: [], notes: [], usage: null };

/** Adds a batch to a turn. A later attempt starts over; one from an earlier attempt is left out. */
export function foldTurn(
  turn: Turn | undefined,
  batch: { readonly attempt: number; readonly from: number; readonly events: readonly TurnEvent[] },
): Turn {
  const before = turn === undefined || batch.attempt > turn.attempt ? { ...EMPTY, attempt: batch.attempt } : turn;
  if (batch.attempt < before.attempt) return before;
  const fresh = batch.events.slice(Math.max(0, before.next - batch.from));
  if (fresh.length === 0) return before;
  let { text, thinking, calls, notes, usage } = before;
  for (const event of fresh) {
    switch (event.type) {
      case 'text':
        text += event.text;
        break;
      case 'thinking':
        thinking += event.text;
        break;
      case 'tool_call':
        // Text before and after a call are two paragraphs.
        if (text !== '' && !text.endsWith('\n')) text += '\n\n';
        calls = [...calls, { callId: event.callId, server: event.server, tool: event.tool, input: event.input }];
        break;
      case 'tool_result':
        calls = withResult(calls, event);
        break;
      case 'permission_denied':
        notes = [...notes, `${event.tool} was not permitted: ${event.message}`];
        break;
      case 'error':
        notes = [...notes, event.message];
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'started':
      case 'end':
        break;
    }
  }
  return { attempt: before.attempt, next: batch.from + batch.events.length, text, thinking, calls, notes, usage };
}

/** The tool calls that a finished message has kept. */
export function callsOf(parts: readonly TurnEvent[]): readonly ToolCall[] {
  return foldTurn(undefined, { attempt: 0, from: 0, events: parts }).calls;
}

/** Refusals and errors that a finished message has kept. */
export function notesOf(parts: readonly TurnEvent[]): readonly string[] {
  return foldTurn(undefined, { attempt: 0, from: 0, events: parts }).notes;
}

function withResult(
  calls: readonly ToolCall[],
  event: Extract<TurnEvent, { type: 'tool_result' }>,
): readonly ToolCall[] {
  return calls.map((call) =>
    call.callId === event.callId && call.result === undefined
      ? { ...call, result: { ok: event.ok, output: event.output, durationMs: event.durationMs } }
      : call,
  );
}
