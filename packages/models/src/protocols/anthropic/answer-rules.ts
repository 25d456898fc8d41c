import type { AnswerRules, CountName } from '../../metering/answer-meter.ts';

const COUNTS: Readonly<Record<string, CountName>> = {
  'usage.input_tokens': 'input',
  'usage.output_tokens': 'output',
  'usage.cache_read_input_tokens': 'cacheRead',
  'usage.cache_creation_input_tokens': 'cacheWrite',
  'usage.output_tokens_details.thinking_tokens': 'reasoning',
};

const GENERATED = new Set(['delta.text', 'delta.partial_json', 'delta.thinking', 'content.text', 'content.thinking']);

/** How usage is read from Messages answers: `message_start` and `message_delta` events, or one body. */
export function createAnthropicRules(): AnswerRules {
  let type: unknown = null;
  return {
    scalar: (path, value, characters, found) => {
      const count = COUNTS[path.startsWith('message.') ? path.slice('message.'.length) : path];
      if (count !== undefined) found.count(count, value);
      else if (GENERATED.has(path)) found.outputCharacters += characters;
      else if (path === 'type') type = value;
      else if (typeof value !== 'string') return;
      else if (path === 'stop_reason' || path === 'delta.stop_reason') found.stopReason = value;
      else if (path === 'model' || path === 'message.model') found.model = value;
      else if (path === 'error.type') found.error = value;
    },
    endOfDocument: (found, isStream) => {
      if (isStream ? type === 'message_stop' : type === 'message' || type === 'error') found.ended = true;
      type = null;
    },
    normalise: (counts) => ({
      // Anthropic counts cached tokens beside the input; ours includes them.
      inputTokens: counts.input === null ? null : counts.input + (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0),
      outputTokens: counts.output,
      cacheReadTokens: counts.cacheRead,
      cacheWriteTokens: counts.cacheWrite,
      reasoningTokens: counts.reasoning,
    }),
  };
}
