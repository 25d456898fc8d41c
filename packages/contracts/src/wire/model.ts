import { z } from 'zod';

/** Result of the smallest real call. */
export const ModelCheck = z
  .object({
    ok: z.boolean(),
    provider: z.string(),
    model: z.string(),
    /** `credential_refused`, `quota_ended`, `model_refused`, `unreachable`, `address_refused`, `upstream_error`, or why it is not configured; null when ok. */
    reason: z.string().nullable(),
    /** For a person: what was found and what to do. */
    message: z.string(),
    latencyMs: z.number().nonnegative(),
  })
  .meta({ id: 'ModelCheck' });
export type ModelCheck = z.infer<typeof ModelCheck>;

/** One model that the registry lists. */
export const ModelInfo = z
  .object({
    /** `provider/model`. */
    id: z.string(),
    provider: z.string(),
    providerName: z.string(),
    /** A key is there (or none is needed): it can be chosen now. */
    available: z.boolean(),
    /** Also served by the provider `platform`. */
    platformManaged: z.boolean(),
    /** The scripted demo model: no AI. */
    demo: z.boolean(),
    contextTokens: z.int().nullable(),
    /** US dollars per million tokens. */
    price: z
      .object({
        input: z.number(),
        output: z.number(),
        cacheRead: z.number().optional(),
        cacheWrite: z.number().optional(),
      })
      .nullable(),
    protocols: z.array(z.string()),
  })
  .meta({ id: 'ModelInfo' });
export type ModelInfo = z.infer<typeof ModelInfo>;

export const SetModel = z
  .object({
    /** `provider/model`, or a bare id that is unique. Null = the org's default (for a workspace). */
    model: z.string().min(1).max(200).nullable(),
    /** Pins the provider (`LLM_PROVIDER`); null takes the pin away, absent leaves it. */
    provider: z.string().min(1).max(64).nullable().optional(),
    /** Keep it even when the trial call fails. */
    force: z.boolean().default(false),
  })
  .strict()
  .meta({ id: 'SetModel' });
export type SetModel = z.input<typeof SetModel>;

/** What a workspace, or the org, runs on now. */
export const ModelChoice = z
  .object({
    model: z.string().nullable(),
    /** `LLM_PROVIDER`, with who wrote it. */
    pin: z.object({ provider: z.string(), origin: z.enum(['customer', 'platform']) }).nullable(),
    configured: z.boolean(),
    provider: z.string().nullable(),
    /** Where the key comes from: `workspace`, `org`, `environment`, `none needed`; never the key. */
    credential: z.string().nullable(),
    reason: z.string().nullable(),
    message: z.string(),
    nearest: z.array(z.string()),
    check: ModelCheck.nullable(),
  })
  .meta({ id: 'ModelChoice' });
export type ModelChoice = z.infer<typeof ModelChoice>;

export const CheckModel = z
  .object({ model: z.string().min(1).max(200).optional(), workspace: z.string().max(200).optional() })
  .strict()
  .meta({ id: 'CheckModel' });
