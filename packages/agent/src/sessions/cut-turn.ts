import type { ModelMessage } from 'ai';

const WORDS = 'The turn was cut off here.';

/**
 * What a session needs before its next prompt when its last turn was cut off, by a kill or a full disk. A prompt or results of tools without an answer
 * behind them would become one message with the next prompt, and be taken for a part of it; a call without its result is refused by providers.
 */
export function endOfCutTurn(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  const last = messages.at(-1);
  if (last === undefined || last.role === 'system') return [];
  const answer: ModelMessage = { role: 'assistant', content: WORDS };
  if (last.role !== 'assistant') return [answer];
  const calls = typeof last.content === 'string' ? [] : last.content.filter((part) => part.type === 'tool-call');
  if (calls.length === 0) return [];
  const results = calls.map(({ toolCallId, toolName }) => ({
    type: 'tool-result' as const,
    toolCallId,
    toolName,
    output: { type: 'error-text' as const, value: WORDS },
  }));
  return [{ role: 'tool', content: results }, answer];
}
