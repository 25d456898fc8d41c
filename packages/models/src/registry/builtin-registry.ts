import { anthropicProvider } from './providers/anthropic.ts';
import { compatibleProviders } from './providers/compatible.ts';
import { googleProvider } from './providers/google.ts';
import { houseProviders } from './providers/house.ts';
import { minimaxProvider, moonshotProvider } from './providers/open-weight-vendors.ts';
import { openAiProvider } from './providers/openai.ts';
import { type Registry, registrySchema } from './registry-schema.ts';

/** The providers and models this version of Molecule knows. Data: extend it with `mergeRegistry`, not with code. */
export const BUILTIN_REGISTRY: Registry = registrySchema.parse({
  version: '2026-11-20',
  priceVersion: '2026-06',
  providers: [
    ...houseProviders,
    anthropicProvider,
    openAiProvider,
    googleProvider,
    moonshotProvider,
    minimaxProvider,
    ...compatibleProviders,
  ],
});
