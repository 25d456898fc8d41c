import type { InfiniteData } from '@tanstack/react-query';
import type { Message, Routes } from '../api/wire.generated.ts';

export type MessagePage = Routes['GET /api/v1/conversations/{id}/messages']['reply'];

/** Puts a message where it belongs: in place of an earlier state of itself, or in front of the newest page. Ids rise with time. */
export function upsertMessage<P>(pages: InfiniteData<MessagePage, P>, message: Message): InfiniteData<MessagePage, P> {
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
  if (first === undefined) return pages;
  const items = [message, ...first.items].sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...pages, pages: [{ ...first, items }, ...rest] };
}
