import type { z } from 'zod';
import type { providerSchema } from '../registry-schema.ts';

export const openAiProvider: z.input<typeof providerSchema> = {
  id: 'openai',
  name: 'OpenAI',
  kind: 'vendor',
  endpoints: {
    'openai-responses': { baseUrl: 'https://api.openai.com/v1', auth: 'bearer' },
    'openai-chat': { baseUrl: 'https://api.openai.com/v1', auth: 'bearer' },
  },
  keyVariables: ['OPENAI_API_KEY'],
  baseUrlVariables: ['OPENAI_BASE_URL'],
  families: ['gpt-*', 'o1*', 'o3*', 'o4*', 'codex-*', 'chatgpt-*'],
  defaultModel: 'gpt-5.5',
  models: [
    { id: 'gpt-5.5' },
    { id: 'gpt-5.2', contextTokens: 400_000 },
    { id: 'gpt-5.1', contextTokens: 400_000, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
    { id: 'gpt-5.1-codex', contextTokens: 400_000, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
    { id: 'gpt-5', contextTokens: 400_000, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
    { id: 'gpt-5-codex', contextTokens: 400_000, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
    { id: 'gpt-5-mini', contextTokens: 400_000, price: { input: 0.25, output: 2, cacheRead: 0.025 } },
    { id: 'gpt-5-nano', contextTokens: 400_000, price: { input: 0.05, output: 0.4, cacheRead: 0.005 } },
    { id: 'gpt-4.1', contextTokens: 1_047_576, price: { input: 2, output: 8, cacheRead: 0.5 } },
    { id: 'gpt-4.1-mini', contextTokens: 1_047_576, price: { input: 0.4, output: 1.6, cacheRead: 0.1 } },
    { id: 'gpt-4o', contextTokens: 128_000, price: { input: 2.5, output: 10, cacheRead: 1.25 } },
    { id: 'o3', contextTokens: 200_000, price: { input: 2, output: 8, cacheRead: 0.5 } },
    { id: 'o4-mini', contextTokens: 200_000, price: { input: 1.1, output: 4.4, cacheRead: 0.275 } },
  ],
};
