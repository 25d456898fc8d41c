import type { z } from 'zod';
import type { providerSchema } from '../registry-schema.ts';

/** Providers whose catalogue is their own: a router, a local server, and any address that speaks a known protocol. */
export const compatibleProviders: readonly z.input<typeof providerSchema>[] = [
  {
    id: 'openrouter',
    name: 'OpenRouter',
    kind: 'vendor',
    endpoints: {
      'openai-chat': { baseUrl: 'https://openrouter.ai/api/v1', auth: 'bearer' },
      'openai-responses': { baseUrl: 'https://openrouter.ai/api/v1', auth: 'bearer' },
      anthropic: { baseUrl: 'https://openrouter.ai/api', auth: 'bearer' },
    },
    keyVariables: ['OPENROUTER_API_KEY'],
    baseUrlVariables: ['OPENROUTER_BASE_URL'],
    openCatalog: true,
  },
  {
    id: 'ollama',
    name: 'Ollama (local)',
    kind: 'vendor',
    endpoints: {
      'openai-chat': { baseUrl: 'http://127.0.0.1:11434/v1', auth: 'none' },
      anthropic: { baseUrl: 'http://127.0.0.1:11434', auth: 'none' },
    },
    baseUrlVariables: ['OLLAMA_BASE_URL'],
    openCatalog: true,
  },
  {
    id: 'openai-compatible',
    name: 'Any OpenAI-compatible address',
    kind: 'vendor',
    endpoints: {
      'openai-chat': { baseUrl: null, auth: 'bearer' },
      'openai-responses': { baseUrl: null, auth: 'bearer' },
    },
    keyVariables: ['OPENAI_COMPATIBLE_API_KEY'],
    baseUrlVariables: ['OPENAI_COMPATIBLE_BASE_URL'],
    openCatalog: true,
  },
  {
    id: 'anthropic-compatible',
    name: 'Any Anthropic-compatible address',
    kind: 'vendor',
    endpoints: { anthropic: { baseUrl: null, auth: 'x-api-key' } },
    keyVariables: ['ANTHROPIC_COMPATIBLE_API_KEY'],
    baseUrlVariables: ['ANTHROPIC_COMPATIBLE_BASE_URL'],
    openCatalog: true,
  },
];
