import type { TokenUsage } from '../protocols/reply.ts';
import { estimateTokens } from '../protocols/token-estimate.ts';
import type { UsageReading } from './usage-meter.ts';

/** How a settled number came about: all from the provider, or partly estimated because the answer was cut or silent. */
export type UsageSource = 'reported' | 'estimated';

export interface SettledUsage {
  readonly usage: TokenUsage;
  readonly source: UsageSource;
}

/**
 * What one call is charged. A complete answer counts as reported. Of a cut one, what was generated and seen counts even when the
 * provider had not yet said so (streams report output last); the input is then taken from the request's own estimate. An error
 * answer that generated nothing costs nothing.
 */
export function settleUsage(reading: UsageReading, requestTokens: number): SettledUsage {
  if (reading.error !== null && reading.outputCharacters === 0 && reading.outputTokens === null) {
    return { usage: tokens(reading, reading.inputTokens ?? 0, 0), source: 'reported' };
  }
  const seen = estimateTokens(reading.outputCharacters);
  const input = reading.inputTokens ?? requestTokens;
  if (reading.complete && reading.outputTokens !== null)
    return {
      usage: tokens(reading, input, reading.outputTokens),
      source: reading.inputTokens === null ? 'estimated' : 'reported',
    };
  return { usage: tokens(reading, input, Math.max(reading.outputTokens ?? 0, seen)), source: 'estimated' };
}

function tokens(reading: UsageReading, inputTokens: number, outputTokens: number): TokenUsage {
  return {
    inputTokens,
    outputTokens,
    cacheReadTokens: Math.min(inputTokens, reading.cacheReadTokens ?? 0),
    cacheWriteTokens: Math.min(inputTokens, reading.cacheWriteTokens ?? 0),
    reasoningTokens: Math.min(outputTokens, reading.reasoningTokens ?? 0),
  };
}
