import type { Coverage } from './requirements.ts';

/** Coverage as a table for a terminal: one line per issue, then the sum. */
export function coverageTable(coverage: readonly Coverage[]): string {
  const line = (name: string, covered: number, open: number): string =>
    `${name.padEnd(8)} ${String(covered).padStart(5)} covered ${String(open).padStart(5)} not yet`;
  const sum = (pick: (entry: Coverage) => number): number => coverage.reduce((total, entry) => total + pick(entry), 0);
  return [
    ...coverage.map(({ issue, covered, open }) =>
      line(issue === 'later' ? 'later' : `issue ${issue}`, covered.length, open.length),
    ),
    line(
      'all',
      sum(({ covered }) => covered.length),
      sum(({ open }) => open.length),
    ),
  ].join('\n');
}
