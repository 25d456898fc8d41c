/** The one stretch in which two texts differ, to be taken back even when the text has changed elsewhere. */
export interface Hunk {
  /** What stood there before our edit. */
  readonly before: string;
  /** What stands there since. */
  readonly after: string;
  /** Where it begins, in characters. */
  readonly offset: number;
}

/** The smallest hunk that leads from `before` to `after`. */
export function hunkBetween(before: string, after: string): Hunk {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < limit - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return {
    offset: start,
    before: before.slice(start, before.length - end),
    after: after.slice(start, after.length - end),
  };
}

/** The text with the hunk taken back; undefined where its place cannot be told for sure. */
export function withoutHunk(text: string, hunk: Hunk): string | undefined {
  const at = placeOf(text, hunk);
  return at === undefined ? undefined : text.slice(0, at) + hunk.before + text.slice(at + hunk.after.length);
}

/** A hunk is found where it was, or where it moved to if it occurs only once; an empty one has no place of its own. */
function placeOf(text: string, hunk: Hunk): number | undefined {
  if (hunk.after === '') return undefined;
  const first = text.indexOf(hunk.after);
  if (first < 0) return undefined;
  if (text.startsWith(hunk.after, hunk.offset)) return hunk.offset;
  return text.indexOf(hunk.after, first + 1) < 0 ? first : undefined;
}
