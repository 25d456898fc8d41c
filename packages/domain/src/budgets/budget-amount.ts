import type { BudgetUnit } from '@molecule/contracts';

/** Smallest units per unit: budgets are kept in whole numbers. */
const UNITS: Record<BudgetUnit, number> = { usd: 1_000_000, tokens: 1, turns: 1, minutes: 60_000 };
const WORDS: Record<BudgetUnit, string> = { usd: 'US dollars', tokens: 'tokens', turns: 'turns', minutes: 'minutes' };

/** An amount in the unit itself, as whole smallest units, rounded down: a limit is never more than was said. */
export function toBudgetUnits(unit: BudgetUnit, amount: number): number {
  return Math.floor(Number((amount * UNITS[unit]).toFixed(3)));
}

export function fromBudgetUnits(unit: BudgetUnit, units: number): number {
  return units / UNITS[unit];
}

/** `1.5 US dollars`, for people. */
export function budgetText(unit: BudgetUnit, units: number): string {
  const amount = fromBudgetUnits(unit, units);
  return `${unit === 'usd' ? amount.toFixed(2) : Math.round(amount * 10) / 10} ${WORDS[unit]}`;
}
