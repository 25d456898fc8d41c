import { z } from 'zod';
import { PROTOCOL_IDS } from '../protocols/model-request.ts';

const providerId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a provider id is lower-case letters, digits and dashes');
const modelId = z.string().min(1).max(200).regex(/^\S+$/, 'a model id has no spaces');
const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'an environment variable name is upper case');
const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** How a provider wants its key: in which header, or not at all. */
export const authStyleSchema = z.enum(['x-api-key', 'bearer', 'x-goog-api-key', 'none']);

const endpointSchema = z.strictObject({
  /**
   * The address before the protocol's own path, as the vendors' own variables have it: without `/v1` for Anthropic, with it for
   * OpenAI, without `/v1beta` for Google. Null: the person has to give it.
   */
  baseUrl: baseUrl.nullable(),
  auth: authStyleSchema,
});

/** US dollars per million tokens. Absent cache prices count as the input price. */
export const priceSchema = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative().optional(),
  cacheWrite: z.number().nonnegative().optional(),
});

const modelFields = z.strictObject({
  id: modelId,
  aliases: z.array(modelId),
  /** Largest prompt and answer together, in tokens; absent = not known. */
  contextTokens: z.int().positive().optional(),
  /** The platform provider serves it as `PROVIDER/MODEL` with the operator's own key. */
  platformManaged: z.boolean(),
  price: priceSchema.optional(),
});

export const modelSchema = modelFields.extend({
  aliases: modelFields.shape.aliases.default([]),
  platformManaged: modelFields.shape.platformManaged.default(false),
});

const providerFields = z.strictObject({
  id: providerId,
  name: z.string().min(1),
  /** `platform` serves the other providers' platform-managed models; `demo` is built in. */
  kind: z.enum(['vendor', 'platform', 'demo']),
  aliases: z.array(providerId),
  endpoints: z.partialRecord(z.enum(PROTOCOL_IDS), endpointSchema),
  /** Variables in which people keep the key and the address, first one wins. */
  keyVariables: z.array(variableName),
  baseUrlVariables: z.array(variableName),
  /** Naming patterns (`claude-*`): ids that fit are accepted before the registry lists them. */
  families: z.array(z.string().min(1)),
  /** Any model id is accepted: the catalogue is the provider's own. */
  openCatalog: z.boolean(),
  defaultModel: modelId.optional(),
  models: z.array(modelSchema),
});

export const providerSchema = providerFields.extend({
  aliases: providerFields.shape.aliases.default([]),
  endpoints: providerFields.shape.endpoints.default({}),
  keyVariables: providerFields.shape.keyVariables.default([]),
  baseUrlVariables: providerFields.shape.baseUrlVariables.default([]),
  families: providerFields.shape.families.default([]),
  openCatalog: providerFields.shape.openCatalog.default(false),
  models: providerFields.shape.models.default([]),
});

/** What a file or an API call may say: of a known provider or model only what changes, of a new one all that has no default. */
export const registryOverlaySchema = z.strictObject({
  version: z.string().min(1).optional(),
  priceVersion: z.string().optional(),
  providers: z
    .array(
      providerFields.partial().extend({
        id: providerId,
        models: z.array(modelFields.partial().extend({ id: modelId })).optional(),
        /** Takes the provider out altogether. */
        removed: z.literal(true).optional(),
      }),
    )
    .default([]),
});

export const registrySchema = z
  .strictObject({
    version: z.string().min(1),
    /** Which price list the prices come from; shown beside every cost. */
    priceVersion: z.string().optional(),
    providers: z.array(providerSchema),
  })
  .superRefine((registry, context) => {
    const names = new Set<string>();
    for (const provider of registry.providers) {
      for (const name of [provider.id, ...provider.aliases]) {
        if (names.has(name)) context.addIssue({ code: 'custom', message: `the provider name ${name} is used twice` });
        names.add(name);
      }
      const models = new Set<string>();
      for (const name of provider.models.flatMap((model) => [model.id, ...model.aliases])) {
        if (models.has(name))
          context.addIssue({ code: 'custom', message: `the model name ${name} is used twice in ${provider.id}` });
        models.add(name);
      }
    }
    if (registry.providers.filter((provider) => provider.kind === 'platform').length > 1)
      context.addIssue({ code: 'custom', message: 'there can be only one platform provider' });
  });

export type AuthStyle = z.infer<typeof authStyleSchema>;
export type ModelPrice = z.infer<typeof priceSchema>;
export type ModelEntry = z.infer<typeof modelSchema>;
export type Provider = z.infer<typeof providerSchema>;
export type Registry = z.infer<typeof registrySchema>;
