/** So many repairs of one file within the window, and somebody is changing it back on purpose. */
export const CONTEST_LIMIT = 3;
export const CONTEST_WINDOW_MS = 10 * 60_000;

/** Times of recent repairs by file id, milliseconds. */
export type RepairHistory = Readonly<Record<string, readonly number[]>>;

/**
 * Counts repairs of drifted files. Pure.
 * @returns the new history and the ids that have become contested with this repair: they are reported from now on, and not fought over.
 */
export function countRepairs(
  history: RepairHistory,
  repaired: readonly string[],
  nowMs: number,
): { history: RepairHistory; contested: readonly string[] } {
  const next: Record<string, readonly number[]> = {};
  for (const [id, times] of Object.entries(history)) {
    const recent = times.filter((time) => nowMs - time < CONTEST_WINDOW_MS);
    if (recent.length > 0) next[id] = recent;
  }
  const contested: string[] = [];
  for (const id of repaired) {
    const times = [...(next[id] ?? []), nowMs];
    next[id] = times;
    if (times.length >= CONTEST_LIMIT) contested.push(id);
  }
  return { history: next, contested };
}
