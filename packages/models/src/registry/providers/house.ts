import type { z } from 'zod';
import type { providerSchema } from '../registry-schema.ts';

/** Our own providers: the platform's metered namespace, and the scripted model that needs no key. */
export const houseProviders: readonly z.input<typeof providerSchema>[] = [
  {
    id: 'platform',
    name: 'Molecule platform',
    kind: 'platform',
    keyVariables: ['MOLECULE_PLATFORM_LLM_API_KEY'],
    baseUrlVariables: ['MOLECULE_PLATFORM_LLM_BASE_URL'],
  },
  {
    id: 'demo',
    name: 'Built-in demo model (scripted, not a language model)',
    kind: 'demo',
    endpoints: {
      anthropic: { baseUrl: null, auth: 'none' },
      'openai-responses': { baseUrl: null, auth: 'none' },
      'openai-chat': { baseUrl: null, auth: 'none' },
      google: { baseUrl: null, auth: 'none' },
    },
    defaultModel: 'scripted',
    models: [{ id: 'scripted', contextTokens: 1_000_000, price: { input: 0, output: 0 } }],
  },
];
