import { z } from 'zod';

/**
 * What a budget covers. `org`: every workspace. `subtree`: a workspace and all below it. `workspace`: that one alone. `task`: a task and
 * every task that was delegated from it.
 */
export const BudgetScope = z
  .object({ kind: z.enum(['org', 'subtree', 'workspace', 'task']), id: z.uuid() })
  .strict()
  .meta({ id: 'BudgetScope' });
export type BudgetScope = z.infer<typeof BudgetScope>;

export const BudgetUnit = z.enum(['usd', 'tokens', 'turns', 'minutes']).meta({ id: 'BudgetUnit' });
export type BudgetUnit = z.infer<typeof BudgetUnit>;
/** Periods begin at full hours, days and months of UTC; `total` never begins anew. */
export const BudgetPeriod = z.enum(['hour', 'day', 'month', 'total']).meta({ id: 'BudgetPeriod' });
export type BudgetPeriod = z.infer<typeof BudgetPeriod>;
/** `hard` refuses, `soft` warns. */
export const BudgetMode = z.enum(['hard', 'soft']).meta({ id: 'BudgetMode' });
export type BudgetMode = z.infer<typeof BudgetMode>;

export const Budget = z
  .object({
    id: z.uuid(),
    scope: BudgetScope,
    unit: BudgetUnit,
    /** In the unit itself: US dollars, tokens, turns, minutes. */
    limit: z.number().nonnegative(),
    period: BudgetPeriod,
    mode: BudgetMode,
    /** Of the present period, in the unit. */
    spent: z.number().nonnegative(),
    /** Held by calls and turns in progress. */
    reserved: z.number().nonnegative(),
    periodStart: z.iso.datetime(),
    /** When the present period passed the limit first; null = it has not. */
    warnedAt: z.iso.datetime().nullable(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Budget' });
export type Budget = z.infer<typeof Budget>;

/** One budget per scope, unit, period and mode: setting it again changes its limit. */
export const SetBudget = z
  .object({
    /** The id may be left out for the org. */
    scope: BudgetScope.partial({ id: true }),
    unit: BudgetUnit,
    limit: z.number().nonnegative().max(1e12),
    period: BudgetPeriod,
    mode: BudgetMode.default('hard'),
  })
  .strict()
  .meta({ id: 'SetBudget' });
export type SetBudget = z.input<typeof SetBudget>;
