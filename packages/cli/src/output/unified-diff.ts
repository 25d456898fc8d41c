/** Unchanged lines shown around a change. */
const CONTEXT_LINES = 3;
/** Above this many line pairs a change is shown as one block: the comparison is quadratic. */
const MOST_PAIRS = 4_000_000;
/** A longer line is cut to the part that differs: a whole configuration can stand in one line. */
const LONGEST_LINE = 240;
const LEAD_CHARS = 60;

type Step = { readonly mark: ' ' | '-' | '+'; readonly line: string };

/** The difference of two texts in unified form; empty where they are equal. `null` = there is no file. */
export function unifiedDiff(before: string | null, after: string | null, path: string): string {
  if (before === after) return '';
  const steps = shortened(stepsBetween(linesOf(before), linesOf(after)));
  const head = [`--- ${before === null ? '/dev/null' : path}`, `+++ ${after === null ? '/dev/null' : path}`];
  return [...head, ...hunks(steps)].join('\n');
}

/** Lines with their ends, so that a lost or changed line end shows. */
function linesOf(text: string | null): readonly string[] {
  return text === null || text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end))
    end += 1;
  const same = (line: string): Step => ({ mark: ' ', line });
  const middle = compared(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

/** Longest common subsequence of what remains between the common ends. */
function compared(before: readonly string[], after: readonly string[]): readonly Step[] {
  const whole: readonly Step[] = [
    ...before.map((line) => ({ mark: '-', line }) as const),
    ...after.map((line) => ({ mark: '+', line }) as const),
  ];
  if (before.length * after.length > MOST_PAIRS) return whole;
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const steps: Step[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [old, next] = [before[row], after[column]];
    if (old !== undefined && old === next) {
      steps.push({ mark: ' ', line: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (next === undefined || at(row + 1, column) >= at(row, column + 1))) {
      steps.push({ mark: '-', line: old });
      row += 1;
    } else if (next !== undefined) {
      steps.push({ mark: '+', line: next });
      column += 1;
    }
  }
  return steps;
}

function hunks(steps: readonly Step[]): readonly string[] {
  const shown: string[] = [];
  let [oldLine, newLine] = [1, 1];
  let hunk: Step[] = [];
  let [oldStart, newStart] = [1, 1];
  const flush = (): void => {
    if (!hunk.some(({ mark }) => mark !== ' ')) return;
    const count = (mark: '-' | '+') => hunk.filter((step) => step.mark === ' ' || step.mark === mark).length;
    shown.push(`@@ -${range(oldStart, count('-'))} +${range(newStart, count('+'))} @@`);
    for (const { mark, line } of hunk) {
      shown.push(`${mark}${line.replace(/\n$/, '')}`);
      if (!line.endsWith('\n')) shown.push('\\ No newline at end of file');
    }
  };
  for (const [index, step] of steps.entries()) {
    const isNear = steps
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some(({ mark }) => mark !== ' ');
    if (isNear) {
      if (hunk.length === 0) [oldStart, newStart] = [oldLine, newLine];
      hunk.push(step);
    } else if (hunk.length > 0) {
      flush();
      hunk = [];
    }
    if (step.mark !== '+') oldLine += 1;
    if (step.mark !== '-') newLine += 1;
  }
  flush();
  return shown;
}

function range(start: number, count: number): string {
  return count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`;
}

/** Cuts over-long lines to the place where the removed and the added text part ways. */
function shortened(steps: readonly Step[]): readonly Step[] {
  const removed = steps.find(({ mark, line }) => mark === '-' && line.length > LONGEST_LINE)?.line ?? '';
  const added = steps.find(({ mark, line }) => mark === '+' && line.length > LONGEST_LINE)?.line ?? '';
  let apart = 0;
  while (apart < removed.length && removed[apart] === added[apart]) apart += 1;
  const from = Math.max(0, apart - LEAD_CHARS);
  return steps.map((step) => {
    const { mark, line } = step;
    if (line.length <= LONGEST_LINE) return step;
    const start = mark === ' ' ? 0 : from;
    const part = line.slice(start, start + LONGEST_LINE);
    const isCutAtEnd = start + LONGEST_LINE < line.length;
    return { mark, line: `${start > 0 ? '…' : ''}${part}${isCutAtEnd ? '…\n' : ''}` };
  });
}
