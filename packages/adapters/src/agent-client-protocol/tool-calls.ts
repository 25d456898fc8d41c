import type { TurnEvent } from '@molecule/contracts';
import { contentText, type ToolCallUpdate } from './messages.ts';
import type { AcpProfile } from './profile.ts';

/** Longest tool output in an event. */
const OUTPUT_LIMIT_CHARS = 16_000;

/** Follows the tool calls of one turn: a call is told once, when its input is known, and its result once. */
export interface ToolCallTracker {
  read(update: ToolCallUpdate): readonly TurnEvent[];
  /** Whether a call may run: it belongs to an allowed server, or to the runtime itself. */
  isAllowed(callId: string, title: string | null): boolean;
}

interface Call {
  /** All that is known by now; later lines leave out what has not changed. */
  known: ToolCallUpdate;
  isTold: boolean;
  isDone: boolean;
  startedAtMs: number;
}

export function toolCallTracker(
  profile: AcpProfile,
  allowedServers: readonly string[],
  now: () => number,
): ToolCallTracker {
  const servers = [...allowedServers].sort((a, b) => b.length - a.length);
  const calls = new Map<string, Call>();

  function read(update: ToolCallUpdate): readonly TurnEvent[] {
    const call = calls.get(update.toolCallId) ?? { known: update, isTold: false, isDone: false, startedAtMs: now() };
    calls.set(update.toolCallId, call);
    call.known = {
      ...call.known,
      ...update,
      title: update.title ?? call.known.title,
      rawInput: isEmpty(update.rawInput) ? call.known.rawInput : update.rawInput,
    };
    const isDone = update.status === 'completed' || update.status === 'failed';
    const events: TurnEvent[] = [];
    if (!call.isTold && (isDone || profile.inputComesWith === 'call' || update.sessionUpdate === 'tool_call_update')) {
      call.isTold = true;
      events.push({
        type: 'tool_call',
        callId: update.toolCallId,
        ...profile.toolName(call.known, servers),
        input: profile.toolInput(call.known) ?? {},
      });
    }
    if (isDone && !call.isDone) {
      call.isDone = true;
      const output = outputText(update).slice(0, OUTPUT_LIMIT_CHARS);
      const ok = update.status === 'completed' && !profile.isFailedOutput(update);
      events.push({
        type: 'tool_result',
        callId: update.toolCallId,
        ok,
        output,
        durationMs: Math.max(0, now() - call.startedAtMs),
      });
    }
    return events;
  }

  return {
    read,
    isAllowed: (callId, title) => {
      const known = calls.get(callId)?.known ?? { sessionUpdate: 'tool_call' as const, toolCallId: callId, title };
      const { server } = profile.toolName(known, servers);
      return server === null || allowedServers.includes(server);
    },
  };
}

function isEmpty(input: unknown): boolean {
  return input == null || (typeof input === 'object' && Object.keys(input).length === 0);
}

/** The content, or where there is none what the runtime calls the raw output. */
function outputText(update: ToolCallUpdate): string {
  const text = contentText(update);
  if (text !== '' || update.rawOutput == null) return text;
  return typeof update.rawOutput === 'string' ? update.rawOutput : JSON.stringify(update.rawOutput);
}
