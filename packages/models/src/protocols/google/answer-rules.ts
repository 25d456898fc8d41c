import type { AnswerRules, CountName } from '../../metering/answer-meter.ts';

const COUNTS: Readonly<Record<string, CountName>> = {
  'usageMetadata.promptTokenCount': 'input',
  'usageMetadata.candidatesTokenCount': 'output',
  'usageMetadata.cachedContentTokenCount': 'cacheRead',
  'usageMetadata.thoughtsTokenCount': 'reasoning',
};

/** How usage is read from generateContent answers: events, one body, or the array that `streamGenerateContent` gives without `alt=sse`. */
export function createGoogleRules(): AnswerRules {
  return {
    scalar: (path, value, characters, found) => {
      const count = COUNTS[path];
      if (count !== undefined) found.count(count, value);
      else if (typeof value !== 'string') return;
      else if (path.startsWith('candidates.content.parts.')) {
        if (path === 'candidates.content.parts.text' || path.startsWith('candidates.content.parts.functionCall.args'))
          found.outputCharacters += characters;
      } else if (path === 'candidates.finishReason' || path === 'promptFeedback.blockReason') found.stopReason = value;
      else if (path === 'modelVersion') found.model = value;
      else if (path === 'error.status') found.error = value;
    },
    endOfDocument: (found, isStream) => {
      if (found.stopReason !== null || (!isStream && found.error !== null)) found.ended = true;
    },
    normalise: (counts) => ({
      inputTokens: counts.input,
      // Google counts thinking beside the candidates; ours includes it.
      outputTokens:
        counts.output === null && counts.reasoning === null ? null : (counts.output ?? 0) + (counts.reasoning ?? 0),
      cacheReadTokens: counts.cacheRead,
      cacheWriteTokens: counts.cacheWrite,
      reasoningTokens: counts.reasoning,
    }),
  };
}
