import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { InboxItem } from '../api/wire.generated.ts';
import { streamOpened } from '../live/live.ts';

export const inboxQuery = queryOptions({
  queryKey: ['inbox'],
  queryFn: async ({ signal }): Promise<readonly InboxItem[]> => {
    await streamOpened;
    return (await call('GET /api/v1/inbox', { signal })).items;
  },
});

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/members', { signal })).items,
});

export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/secrets', { signal })).items,
});

export const allowlistQuery = queryOptions({
  queryKey: ['allowlist'],
  queryFn: ({ signal }) => call('GET /api/v1/plugins/allowlist', { signal }),
});

/** The audit log from its end backwards. */
export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: ({ signal, pageParam }) =>
    call('GET /api/v1/audit', { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.nextCursor,
  // Deeds have no event of their own: what is shown is asked for whenever it is opened.
  staleTime: 0,
});
