import type { Budget } from '../api/wire.generated.ts';

const COMPACT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat();

/** US dollars; small sums with as many digits as say something. */
export function dollars(value: number): string {
  if (value === 0) return '$0';
  if (value < 0.0001) return 'under $0.0001';
  return `$${value.toFixed(value < 0.01 ? 4 : value < 1 ? 3 : 2)}`;
}

export function count(value: number): string {
  return value < 10_000 ? WHOLE.format(Math.round(value)) : COMPACT.format(value);
}

/** An amount in the unit of a budget, with its unit. */
export function amountOf(unit: Budget['unit'], value: number): string {
  switch (unit) {
    case 'usd':
      return dollars(value);
    case 'minutes':
      return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : count(value)} min`;
    default:
      return `${count(value)} ${value === 1 ? unit.slice(0, -1) : unit}`;
  }
}
