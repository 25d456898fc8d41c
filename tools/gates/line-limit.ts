/** Longest file a reader can hold in mind; the same for tests (design.md of the house: files are rooms). */
export const LINE_LIMIT = 350;

const LIMITED = /\.(ts|tsx|css|mjs|sql|sh)$/;
/** Written by a program and read by programs. */
const GENERATED = /\.generated\.ts$/;

/** Number of lines of a text; a final newline does not begin another line. */
export function countLines(text: string): number {
  if (text === '') return 0;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/**
 * Files over the limit, and entries of the old-sins list that have to shrink.
 * `excused` (tools/line-limit.json) maps a path to the line count it may not exceed; it only ever shrinks: an entry whose file
 * became shorter, fits the limit or is gone must be lowered or removed.
 */
export function checkLineLimit(
  files: ReadonlyMap<string, string>,
  excused: Readonly<Record<string, number>>,
): string[] {
  const violations: string[] = [];
  for (const [path, text] of files) {
    if (!LIMITED.test(path) || GENERATED.test(path)) continue;
    const lines = countLines(text);
    const limit = excused[path] ?? LINE_LIMIT;
    if (lines > limit) violations.push(`${path}: ${lines} lines, at most ${limit}`);
  }
  for (const [path, limit] of Object.entries(excused)) {
    const text = files.get(path);
    const lines = text === undefined ? 0 : countLines(text);
    if (lines <= LINE_LIMIT) violations.push(`${path}: fits now, take it off tools/line-limit.json`);
    else if (lines < limit) violations.push(`${path}: is down to ${lines} lines, lower it in tools/line-limit.json`);
  }
  return violations;
}
