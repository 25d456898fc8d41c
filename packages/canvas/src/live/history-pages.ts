import type { InfiniteData } from '@tanstack/react-query';
import type { MoleculeEvent, Routes } from '../api/wire.generated.ts';

type History = Routes['GET /api/v1/events']['reply'];
/** What is kept of a history that grows by itself; older events are asked for when somebody scrolls to them. */
const MOST_LIVE = 500;

/** Puts a new event in front; one that is there already changes nothing. */
export function prependEvent(known: InfiniteData<History>, event: MoleculeEvent): InfiniteData<History> {
  const [first, ...rest] = known.pages;
  if (first === undefined || first.items.some((each) => each.cursor === event.cursor)) return known;
  const items = [event, ...first.items];
  if (items.length <= MOST_LIVE) return { ...known, pages: [{ ...first, items }, ...rest] };
  const kept = items.slice(0, MOST_LIVE);
  return { pages: [{ items: kept, nextCursor: kept.at(-1)?.cursor ?? null }], pageParams: [null] };
}
