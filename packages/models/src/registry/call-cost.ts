import type { TokenUsage } from '../protocols/reply.ts';
import type { ModelPrice } from './registry-schema.ts';

/**
 * The price of one call in millionths of a US dollar, rounded up to a whole one. Prices are per million tokens, so tokens times
 * price already is that number. `usage` follows `TokenUsage`: cached tokens are part of the input.
 */
export function callCostMicroUsd(usage: TokenUsage, price: ModelPrice): number {
  const plainInput = Math.max(0, usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens);
  const cost =
    plainInput * price.input +
    usage.cacheReadTokens * (price.cacheRead ?? price.input) +
    usage.cacheWriteTokens * (price.cacheWrite ?? price.input) +
    usage.outputTokens * price.output;
  return Math.ceil(Number(cost.toFixed(6)));
}
