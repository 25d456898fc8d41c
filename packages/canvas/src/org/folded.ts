import { createStore } from '../live/store.ts';

/** Workspaces whose subtree is folded away on the map and in the list. */
export const folded = createStore<ReadonlySet<string>>(new Set());

export function toggleFold(id: string): void {
  const next = new Set(folded.get());
  if (!next.delete(id)) next.add(id);
  folded.set(next);
}
