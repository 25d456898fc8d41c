import type { z } from 'zod';
import type { providerSchema } from '../registry-schema.ts';

export const googleProvider: z.input<typeof providerSchema> = {
  id: 'google',
  name: 'Google Gemini',
  kind: 'vendor',
  aliases: ['gemini'],
  endpoints: {
    google: { baseUrl: 'https://generativelanguage.googleapis.com', auth: 'x-goog-api-key' },
    'openai-chat': { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai', auth: 'bearer' },
  },
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL'],
  families: ['gemini-*'],
  defaultModel: 'gemini-2.5-pro',
  models: [
    { id: 'gemini-3-pro-preview', contextTokens: 1_048_576 },
    { id: 'gemini-2.5-pro', contextTokens: 1_048_576, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
    { id: 'gemini-2.5-flash', contextTokens: 1_048_576, price: { input: 0.3, output: 2.5, cacheRead: 0.03 } },
    { id: 'gemini-2.5-flash-lite', contextTokens: 1_048_576, price: { input: 0.1, output: 0.4, cacheRead: 0.01 } },
  ],
};
