import type { TokenUsage, TurnEvent } from '@molecule/contracts';
import type { LanguageModelUsage, TextStreamPart, ToolSet } from 'ai';
import { boundedText } from '../work-tools/bounded-text.ts';

/** Longest tool output in an event; the model may have got more. */
const EVENT_OUTPUT_LIMIT_CHARS = 16_000;

export type Origin = ReadonlyMap<string, { readonly server: string; readonly tool: string }>;

/** Maps one part of the model library's stream to at most one event. `startedAt` holds the start of running tool calls. */
export function turnEventOf(
  part: TextStreamPart<ToolSet>,
  origin: Origin,
  startedAt: Map<string, number>,
  nowMs: number,
): TurnEvent | null {
  switch (part.type) {
    case 'text-delta':
      return part.text === '' ? null : { type: 'text', text: part.text };
    case 'reasoning-delta':
      return part.text === '' ? null : { type: 'thinking', text: part.text };
    case 'tool-call': {
      startedAt.set(part.toolCallId, nowMs);
      const from = origin.get(part.toolName);
      return {
        type: 'tool_call',
        callId: part.toolCallId,
        server: from?.server ?? null,
        tool: from?.tool ?? part.toolName,
        input: part.input,
      };
    }
    case 'tool-result':
      return result(
        part.toolCallId,
        true,
        typeof part.output === 'string' ? part.output : JSON.stringify(part.output),
        startedAt,
        nowMs,
      );
    case 'tool-error':
      return result(
        part.toolCallId,
        false,
        part.error instanceof Error ? part.error.message : String(part.error),
        startedAt,
        nowMs,
      );
    case 'finish':
      return { type: 'usage', usage: usageOf(part.totalUsage), costUsd: null };
    default:
      return null;
  }
}

function result(callId: string, ok: boolean, output: string, startedAt: Map<string, number>, nowMs: number): TurnEvent {
  const start = startedAt.get(callId);
  return {
    type: 'tool_result',
    callId,
    ok,
    output: boundedText(output, EVENT_OUTPUT_LIMIT_CHARS),
    durationMs: start === undefined ? null : nowMs - start,
  };
}

function usageOf(usage: LanguageModelUsage): TokenUsage {
  const cached = usage.inputTokenDetails.cacheReadTokens;
  const reasoning = usage.outputTokenDetails.reasoningTokens;
  return {
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    ...(cached === undefined ? {} : { cachedTokens: cached }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  };
}
