import { z } from 'zod';

/** Tokens as the provider counted them. Absent = the runtime does not tell. */
export const TokenUsage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative().optional(),
  reasoningTokens: z.int().nonnegative().optional(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** Why a turn failed: one taxonomy for every runtime. Advice for each is in `domain`. */
export const FAILURE_CODES = [
  'auth',
  'quota',
  'rate_limit',
  'context',
  'tool',
  'model',
  'permission',
  'crash',
  'timeout',
  'refused',
  'cancelled',
  'not_configured',
  'lost',
  'protocol',
] as const;
export const FailureCode = z.enum(FAILURE_CODES).meta({ id: 'FailureCode' });
export type FailureCode = z.infer<typeof FailureCode>;

/** The one vocabulary into which every adapter maps its runtime's own stream. */
export const TurnEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('started'), sessionId: z.string().nullable(), model: z.string().nullable() }),
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('thinking'), text: z.string() }),
    z.object({
      type: z.literal('tool_call'),
      callId: z.string(),
      server: z.string().nullable(),
      tool: z.string(),
      input: z.unknown(),
    }),
    z.object({
      type: z.literal('tool_result'),
      callId: z.string(),
      ok: z.boolean(),
      output: z.string(),
      durationMs: z.number().nullable(),
    }),
    z.object({ type: z.literal('permission_denied'), tool: z.string(), message: z.string() }),
    z.object({ type: z.literal('usage'), usage: TokenUsage, costUsd: z.number().nullable() }),
    z.object({ type: z.literal('error'), code: FailureCode, message: z.string() }),
    /** Always last and exactly once. `ok` false goes with a failure code. */
    z.object({
      type: z.literal('end'),
      ok: z.boolean(),
      text: z.string(),
      failure: FailureCode.nullable(),
      message: z.string().nullable(),
      sessionId: z.string().nullable(),
    }),
  ])
  .meta({ id: 'TurnEvent' });
export type TurnEvent = z.infer<typeof TurnEvent>;
