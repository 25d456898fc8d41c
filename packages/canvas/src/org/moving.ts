import type { Workspace } from '../api/wire.generated.ts';
import { createStore } from '../live/store.ts';

/** A move that waits for confirmation. */
export interface Moving {
  readonly id: string;
  /** Where it was dropped; undefined = still to be chosen, null = directly below the concierge. */
  readonly to: string | null | undefined;
}

export const moving = createStore<Moving | null>(null);

/** Who a workspace may hang below: everybody but itself and what is below it. Pure. */
export function possibleParents(members: readonly Workspace[], id: string): readonly Workspace[] {
  const below = new Set([id]);
  const byParent = Map.groupBy(members, (each) => each.parentId ?? '');
  for (const at of below) for (const child of byParent.get(at) ?? []) below.add(child.id);
  return members
    .filter((each) => !below.has(each.id))
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** How many hang below it, however deep. Pure. */
export function countBelow(members: readonly Workspace[], id: string): number {
  return members.length - possibleParents(members, id).length - 1;
}
