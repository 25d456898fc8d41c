import type { TokenUsage } from '@molecule/contracts';

export const ZERO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** `a + factor × b`, never below zero. */
export function addUsage(a: TokenUsage, b: TokenUsage, factor: 1 | -1): TokenUsage {
  const sum = (name: keyof TokenUsage) => Math.max(0, (a[name] ?? 0) + factor * (b[name] ?? 0));
  const has = (name: keyof TokenUsage) => a[name] !== undefined || b[name] !== undefined;
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    ...(has('cachedTokens') ? { cachedTokens: sum('cachedTokens') } : {}),
    ...(has('reasoningTokens') ? { reasoningTokens: sum('reasoningTokens') } : {}),
  };
}
