const MAX_SUGGESTIONS = 3;

/**
 * The ids nearest to a mistyped one, best first, at most three. Distance is edits relative to length; an id that contains the
 * typed text (or the other way round) counts as near. Empty when nothing is reasonably near.
 */
export function nearestIds(typed: string, candidates: Iterable<string>): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return [];
  const scored: { readonly id: string; readonly score: number }[] = [];
  for (const id of new Set(candidates)) {
    const score = distanceScore(wanted, id.toLowerCase());
    if (score <= 0.5) scored.push({ id, score });
  }
  return scored
    .sort((left, right) => left.score - right.score || left.id.localeCompare(right.id))
    .slice(0, MAX_SUGGESTIONS)
    .map((entry) => entry.id);
}

function distanceScore(wanted: string, id: string): number {
  const edits = editDistance(wanted, id) / Math.max(wanted.length, id.length);
  const shorter = Math.min(wanted.length, id.length);
  const contained = shorter >= 3 && (id.includes(wanted) || wanted.includes(id));
  return contained ? Math.min(edits, 0.3) : edits;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
