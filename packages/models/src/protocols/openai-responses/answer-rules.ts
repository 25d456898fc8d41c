import type { AnswerRules, CountName } from '../../metering/answer-meter.ts';

const COUNTS: Readonly<Record<string, CountName>> = {
  'usage.input_tokens': 'input',
  'usage.output_tokens': 'output',
  'usage.input_tokens_details.cached_tokens': 'cacheRead',
  'usage.output_tokens_details.reasoning_tokens': 'reasoning',
};

const FINAL_EVENTS = new Set<unknown>(['response.completed', 'response.incomplete', 'response.failed']);
const FINAL_STATES = new Set<unknown>(['completed', 'incomplete', 'failed', 'cancelled']);

/** How usage is read from Responses answers: the final `response.*` event, or one body. */
export function createOpenAiResponsesRules(): AnswerRules {
  let type: unknown = null;
  let status: string | null = null;
  let deltaCharacters = 0;
  return {
    scalar: (path, value, characters, found) => {
      const inner = path.startsWith('response.') ? path.slice('response.'.length) : path;
      const count = COUNTS[inner];
      if (count !== undefined) found.count(count, value);
      else if (path === 'type') type = value;
      else if (typeof value !== 'string') return;
      else if (path === 'delta') deltaCharacters = characters;
      else if (path === 'output.content.text' || path === 'output.arguments' || path === 'output.input')
        found.outputCharacters += characters;
      else if (inner === 'status') status = value;
      else if (inner === 'model') found.model = value;
      else if (inner === 'error.code' || inner === 'error.type' || (path === 'code' && type === 'error'))
        found.error = value;
    },
    endOfDocument: (found, isStream) => {
      const final = isStream ? FINAL_EVENTS.has(type) : FINAL_STATES.has(status) || found.error !== null;
      if (final) {
        found.ended = true;
        found.stopReason = status;
      }
      if (typeof type === 'string' && type.endsWith('.delta')) found.outputCharacters += deltaCharacters;
      if (type === 'error' && found.error === null) found.error = 'error';
      type = null;
      status = null;
      deltaCharacters = 0;
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
