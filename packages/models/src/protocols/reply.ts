/**
 * Token counts of one model call, with one meaning for every protocol: `inputTokens` counts the whole prompt and includes the two
 * cache counts; `outputTokens` counts everything generated and includes `reasoningTokens`.
 */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
}

export interface ToolCall {
  readonly name: string;
  readonly namespace?: string;
  readonly args: unknown;
}

/** One piece of an answer, in the order it is streamed. */
export type ReplyPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_call'; readonly call: ToolCall };

/** `refusal`: the content was blocked, by the model itself or by a filter of its provider. */
export type StopReason = 'end' | 'tool_calls' | 'length' | 'refusal';

/** A whole answer. Text is streamed in one delta per text part, so several parts make several deltas of one text block. */
export interface Reply {
  readonly parts: readonly ReplyPart[];
  readonly stopReason: StopReason;
  readonly usage: TokenUsage;
}

/** Why a reply stops: calls have to be answered before the model goes on. */
export function stopReasonOf(parts: readonly ReplyPart[]): StopReason {
  return parts.some((part) => part.type === 'tool_call') ? 'tool_calls' : 'end';
}

/** The parts with neighbouring texts joined: deltas exist only in a stream. */
export function joinTexts(parts: readonly ReplyPart[]): ReplyPart[] {
  const joined: ReplyPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = { type: 'text', text: last.text + part.text };
    else joined.push(part);
  }
  return joined.filter((part) => part.type !== 'text' || part.text !== '');
}
