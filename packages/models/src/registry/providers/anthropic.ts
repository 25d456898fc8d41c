import type { z } from 'zod';
import type { modelSchema, providerSchema } from '../registry-schema.ts';

type ModelInput = z.input<typeof modelSchema>;

/** Anthropic asks a tenth of the input price for cached input and a quarter more for writing the cache. */
function priced(input: number, output: number): Pick<ModelInput, 'price'> {
  return { price: { input, output, cacheRead: input / 10, cacheWrite: input * 1.25 } };
}

// Ids as Claude Code 2.1.329 knows them. Prices only where a published list was at hand.
const MODELS: readonly ModelInput[] = [
  { id: 'claude-opus-5-5', aliases: ['opus'], contextTokens: 1_000_000 },
  { id: 'claude-sonnet-5-5', aliases: ['sonnet'], contextTokens: 1_000_000 },
  { id: 'claude-haiku-5-5', aliases: ['haiku'] },
  { id: 'claude-fable-5-2', aliases: ['fable'], contextTokens: 1_000_000 },
  { id: 'claude-fable-5-1', contextTokens: 1_000_000 },
  { id: 'claude-fable-5', contextTokens: 1_000_000 },
  { id: 'claude-opus-5', contextTokens: 1_000_000 },
  { id: 'claude-sonnet-5', contextTokens: 1_000_000 },
  { id: 'claude-opus-4-8', contextTokens: 1_000_000 },
  { id: 'claude-opus-4-7', contextTokens: 1_000_000 },
  { id: 'claude-opus-4-6', contextTokens: 1_000_000 },
  { id: 'claude-sonnet-4-6', contextTokens: 1_000_000 },
  { id: 'claude-opus-4-5', aliases: ['claude-opus-4-5-20251101'], contextTokens: 200_000, ...priced(5, 25) },
  { id: 'claude-sonnet-4-5', aliases: ['claude-sonnet-4-5-20250929'], contextTokens: 200_000, ...priced(3, 15) },
  { id: 'claude-haiku-4-5', aliases: ['claude-haiku-4-5-20251001'], contextTokens: 200_000, ...priced(1, 5) },
  { id: 'claude-opus-4-1', aliases: ['claude-opus-4-1-20250805'], contextTokens: 200_000, ...priced(15, 75) },
];

export const anthropicProvider: z.input<typeof providerSchema> = {
  id: 'anthropic',
  name: 'Anthropic',
  kind: 'vendor',
  aliases: ['claude'],
  endpoints: { anthropic: { baseUrl: 'https://api.anthropic.com', auth: 'x-api-key' } },
  keyVariables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  baseUrlVariables: ['ANTHROPIC_BASE_URL'],
  families: ['claude-*'],
  defaultModel: 'claude-sonnet-5-5',
  models: MODELS.map((model) => ({ ...model, platformManaged: true })),
};
