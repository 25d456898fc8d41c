import { z } from 'zod';

/** The notifications of the app server as far as they are used; unknown fields pass. */
export const Item = z.object({
  type: z.string(),
  id: z.string(),
  server: z.string().optional(),
  tool: z.string().optional(),
  arguments: z.unknown().optional(),
  status: z.string().nullish(),
  result: z.object({ content: z.array(z.unknown()).nullish() }).nullish(),
  error: z.object({ message: z.string() }).nullish(),
  durationMs: z.number().nullish(),
  command: z.string().optional(),
  aggregatedOutput: z.string().nullish(),
  exitCode: z.number().nullish(),
  changes: z.unknown().optional(),
  query: z.string().optional(),
  text: z.string().optional(),
});
export type Item = z.infer<typeof Item>;

const TurnError = z.object({
  message: z.string(),
  codexErrorInfo: z.unknown().optional(),
  additionalDetails: z.string().nullish(),
});

export const ItemParams = z.object({ item: Item });
export const DeltaParams = z.object({ delta: z.string() });
export const TurnParams = z.object({
  turn: z.object({ id: z.string(), status: z.string(), error: TurnError.nullish() }),
});
export const UsageParams = z.object({
  tokenUsage: z.object({
    last: z.object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cachedInputTokens: z.number(),
      reasoningOutputTokens: z.number(),
    }),
  }),
});
export const ThreadResult = z.object({ thread: z.object({ id: z.string() }), model: z.string().nullish() });
export const TurnResult = z.object({ turn: z.object({ id: z.string() }) });
