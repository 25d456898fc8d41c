import type { z } from 'zod';
import type { providerSchema } from '../registry-schema.ts';

export const moonshotProvider: z.input<typeof providerSchema> = {
  id: 'moonshot',
  name: 'Moonshot AI (Kimi)',
  kind: 'vendor',
  aliases: ['kimi'],
  endpoints: {
    'openai-chat': { baseUrl: 'https://api.moonshot.ai/v1', auth: 'bearer' },
    anthropic: { baseUrl: 'https://api.moonshot.ai/anthropic', auth: 'bearer' },
  },
  keyVariables: ['MOONSHOT_API_KEY'],
  baseUrlVariables: ['MOONSHOT_BASE_URL'],
  families: ['kimi-*', 'moonshot-*'],
  defaultModel: 'kimi-k2.6',
  models: [
    {
      id: 'kimi-k2.6',
      contextTokens: 262_144,
      platformManaged: true,
      price: { input: 0.95, output: 4, cacheRead: 0.16 },
    },
    {
      id: 'kimi-k2.5',
      contextTokens: 262_144,
      platformManaged: true,
      price: { input: 0.6, output: 3, cacheRead: 0.1 },
    },
    { id: 'kimi-k2.7-code', contextTokens: 262_144, platformManaged: true },
  ],
};

export const minimaxProvider: z.input<typeof providerSchema> = {
  id: 'minimax',
  name: 'MiniMax',
  kind: 'vendor',
  endpoints: {
    'openai-chat': { baseUrl: 'https://api.minimax.io/v1', auth: 'bearer' },
    anthropic: { baseUrl: 'https://api.minimax.io/anthropic', auth: 'bearer' },
  },
  keyVariables: ['MINIMAX_API_KEY'],
  baseUrlVariables: ['MINIMAX_BASE_URL'],
  families: ['MiniMax-*', 'minimax-*'],
  defaultModel: 'MiniMax-M2.5',
  models: [
    { id: 'MiniMax-M2.5', aliases: ['minimax-m2.5'], platformManaged: true },
    {
      id: 'MiniMax-M2',
      aliases: ['minimax-m2'],
      contextTokens: 204_800,
      platformManaged: true,
      price: { input: 0.3, output: 1.2 },
    },
  ],
};
