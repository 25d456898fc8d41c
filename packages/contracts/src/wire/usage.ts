import { z } from 'zod';

/** What was used, for one workspace, task and model (or for what the query grouped by; the other fields are null then). */
export const UsageItem = z
  .object({
    workspaceId: z.uuid().nullable(),
    taskId: z.uuid().nullable(),
    provider: z.string().nullable(),
    /** The provider's own id. */
    model: z.string().nullable(),
    /** Begin of the hour or day (UTC) that it sums up; null unless grouped by one of them. */
    start: z.iso.datetime().nullable(),
    /** The whole prompts, cached part included. */
    inputTokens: z.int().nonnegative(),
    /** All that was generated, reasoning included. */
    outputTokens: z.int().nonnegative(),
    cachedTokens: z.int().nonnegative(),
    reasoningTokens: z.int().nonnegative(),
    requests: z.int().nonnegative(),
    /** Requests whose counts are partly estimated, because the answer was cut or silent about them. */
    estimatedRequests: z.int().nonnegative(),
    failedRequests: z.int().nonnegative(),
    turns: z.int().nonnegative(),
    /** Time that turns took. */
    minutes: z.number().nonnegative(),
    /** Absent when no request had a price; `unpricedRequests` says how many are not in it. */
    costUsd: z.number().nonnegative().optional(),
    unpricedRequests: z.int().nonnegative(),
  })
  .meta({ id: 'UsageItem' });
export type UsageItem = z.infer<typeof UsageItem>;

export const UsageQuery = z.object({
  /** Id or name. */
  workspace: z.string().max(200).optional(),
  /** With `workspace`: everything below it too. */
  tree: z.stringbool().default(false),
  /** A task with every task delegated from it. */
  taskId: z.uuid().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** `hour` and `day` give a course over time, newest first; times without use are left out. */
  by: z.enum(['model', 'task', 'workspace', 'hour', 'day', 'total']).default('model'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsagePage = z
  .object({
    items: z.array(UsageItem),
    nextCursor: z.string().nullable(),
    /** Over everything that the query covers, not the page alone. */
    total: UsageItem,
    /** Which price list the costs come from. */
    priceVersion: z.string().nullable(),
  })
  .meta({ id: 'UsagePage' });
export type UsagePage = z.infer<typeof UsagePage>;
