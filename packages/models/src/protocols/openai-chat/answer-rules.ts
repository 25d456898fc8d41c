import type { AnswerRules, CountName } from '../../metering/answer-meter.ts';

const COUNTS: Readonly<Record<string, CountName>> = {
  'usage.prompt_tokens': 'input',
  'usage.completion_tokens': 'output',
  'usage.prompt_tokens_details.cached_tokens': 'cacheRead',
  'usage.completion_tokens_details.reasoning_tokens': 'reasoning',
  // Dialects: DeepSeek's and Moonshot's cache counts.
  'usage.prompt_cache_hit_tokens': 'cacheRead',
  'usage.cached_tokens': 'cacheRead',
};

const GENERATED = new Set(['content', 'reasoning_content', 'reasoning', 'refusal', 'tool_calls.function.arguments']);

/** How usage is read from Chat Completions answers: the last chunk's `usage` (Moonshot: inside the choice), or one body. */
export function createOpenAiChatRules(): AnswerRules {
  let isAnswer = false;
  return {
    scalar: (path, value, characters, found) => {
      const count = COUNTS[path.startsWith('choices.usage.') ? path.slice('choices.'.length) : path];
      if (count !== undefined) found.count(count, value);
      else if (path.startsWith('choices.')) {
        isAnswer = true;
        const field = path.replace(/^choices\.(?:delta|message)\./, '');
        if (typeof value !== 'string') return;
        if (path === 'choices.finish_reason') found.stopReason = value;
        else if (GENERATED.has(field)) found.outputCharacters += characters;
      } else if (path === 'model' && typeof value === 'string') found.model = value;
      else if ((path === 'error.code' || path === 'error.type') && typeof value === 'string') found.error = value;
    },
    endOfDocument: (found, isStream) => {
      // Streams end with `[DONE]`; some compatible servers leave it out but have said both reason and usage by then.
      const saidAll = found.stopReason !== null && found.counts.output !== null;
      if (isStream ? saidAll : isAnswer || found.error !== null) found.ended = true;
    },
    normalise: (counts) => ({
      inputTokens: counts.input,
      outputTokens: counts.output,
      cacheReadTokens: counts.cacheRead,
      cacheWriteTokens: counts.cacheWrite,
      reasoningTokens: counts.reasoning,
    }),
  };
}
