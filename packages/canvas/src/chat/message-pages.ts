import type { InfiniteData } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Message } from '../api/wire.generated.ts';

const PAGE = 50;
/** So many pages of a conversation are held, whatever was scrolled through; those furthest from the reader are dropped and asked for again when they come back. */
export const MOST_PAGES = 8;

/** Messages that follow each other, newest first. */
export interface MessagePage {
  readonly items: readonly Message[];
  /** Where earlier ones go on, where later ones do; null = there are none. */
  readonly older: string | null;
  readonly newer: string | null;
}

/** From where and in which direction a page is read; null = the end of the conversation. */
export type PageStart = { readonly toward: 'older' | 'newer'; readonly cursor: string } | null;
export type MessagePages = InfiniteData<MessagePage, PageStart>;

export async function readMessagePage(id: string, start: PageStart, signal: AbortSignal): Promise<MessagePage> {
  const path = { id };
  if (start?.toward === 'newer') {
    // One more than is kept tells whether there are more.
    const query = { limit: PAGE + 1, order: 'oldest', cursor: start.cursor } as const;
    const { items } = await call('GET /api/v1/conversations/{id}/messages', { path, query, signal });
    const kept = items.slice(0, PAGE).reverse();
    return {
      items: kept,
      older: kept.at(-1)?.id ?? start.cursor,
      newer: items.length > PAGE ? (kept[0]?.id ?? null) : null,
    };
  }
  const query = { limit: PAGE, order: 'newest', ...(start === null ? {} : { cursor: start.cursor }) } as const;
  const { items, nextCursor } = await call('GET /api/v1/conversations/{id}/messages', { path, query, signal });
  return { items, older: nextCursor, newer: start === null ? null : (items[0]?.id ?? null) };
}

/**
 * Puts a message where it belongs: in place of an earlier state of itself, or in front of the newest page. One that lies beyond what is held is read when somebody scrolls
 * there. Ids rise with time.
 */
export function upsertMessage(pages: MessagePages, message: Message): MessagePages {
  let found = false;
  const replaced = pages.pages.map((page) => ({
    ...page,
    items: page.items.map((each) => {
      if (each.id !== message.id) return each;
      found = true;
      // An answer that is complete never becomes pending again, whatever order things arrive in.
      return each.status !== 'pending' && message.status === 'pending' ? each : message;
    }),
  }));
  if (found) return { ...pages, pages: replaced };
  const [first, ...rest] = replaced;
  const oldest = first?.items.at(-1)?.id ?? '';
  if (first === undefined || first.newer !== null || (message.id < oldest && first.older !== null)) return pages;
  const items = [message, ...first.items].sort((a, b) => (a.id < b.id ? 1 : -1));
  return bounded({ ...pages, pages: [{ ...first, items }, ...rest] });
}

/** A newest page that grew while the conversation went on becomes two, and the oldest one goes when there are too many. */
function bounded({ pages: [first, ...rest], pageParams: [start = null, ...others] }: MessagePages): MessagePages {
  if (first === undefined || first.items.length < 2 * PAGE) {
    return { pages: first === undefined ? rest : [first, ...rest], pageParams: [start, ...others] };
  }
  const [newest, earlier] = [first.items.slice(0, PAGE), first.items.slice(PAGE)];
  const border = newest.at(-1)?.id ?? '';
  return {
    pages: [
      { ...first, items: newest, older: border },
      { items: earlier, older: first.older, newer: earlier[0]?.id ?? null },
      ...rest,
    ].slice(0, MOST_PAGES),
    pageParams: [start, { toward: 'older', cursor: border } as const, ...others].slice(0, MOST_PAGES),
  };
}
