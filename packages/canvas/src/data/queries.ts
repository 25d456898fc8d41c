import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { MoleculeEvent, TaskStatus, Workspace } from '../api/wire.generated.ts';
import { MOST_PAGES, type PageStart, readMessagePage } from '../chat/message-pages.ts';
import { streamOpened } from '../live/live.ts';

const PAGE = 50;
const LARGEST_PAGE = 500;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call('GET /api/v1/session', { signal }),
  retry: false,
});

/** All workspaces of the org, the concierge among them. Asked after the stream is open, so that no change falls between. */
export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: async ({ signal }): Promise<readonly Workspace[]> => {
    await streamOpened;
    const all: Workspace[] = [];
    let cursor: string | undefined;
    do {
      const page = await call('GET /api/v1/workspaces', {
        query: { limit: LARGEST_PAGE, ...(cursor === undefined ? {} : { cursor }) },
        signal,
      });
      all.push(...page.items.filter((each) => each.status !== 'removed'));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return all;
  },
});

export const readinessQuery = (id: string) =>
  queryOptions({
    queryKey: ['readiness', id],
    queryFn: ({ signal }) => call('GET /api/v1/workspaces/{id}/readiness', { path: { id }, signal }),
  });

export const pluginsQuery = (id: string) =>
  queryOptions({
    queryKey: ['plugins', id],
    queryFn: async ({ signal }) => (await call('GET /api/v1/workspaces/{id}/plugins', { path: { id }, signal })).items,
  });

export const pluginChangesQuery = (id: string) =>
  queryOptions({
    queryKey: ['plugin-changes', id],
    queryFn: async ({ signal }) =>
      (await call('GET /api/v1/workspaces/{id}/plugins/changes', { path: { id }, signal })).items,
  });

export const catalogQuery = queryOptions({
  queryKey: ['catalog'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/plugins/catalog', { signal })).items,
});

export const bootEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['boot-events', id],
    queryFn: ({ signal }) =>
      call('GET /api/v1/workspaces/{id}/boot-events', { path: { id }, query: { limit: LARGEST_PAGE }, signal }),
  });

export const conversationsQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversations', id],
    queryFn: async ({ signal }) => {
      await streamOpened;
      return (await call('GET /api/v1/workspaces/{id}/conversations', { path: { id }, query: { limit: 100 }, signal }))
        .items;
    },
  });

/** Messages of a conversation from its end backwards, a page at a time; as many as a reader can have around them. */
export const messagesQuery = (conversationId: string) =>
  infiniteQueryOptions({
    queryKey: ['messages', conversationId],
    queryFn: ({ signal, pageParam }) => readMessagePage(conversationId, pageParam, signal),
    initialPageParam: null as PageStart,
    getNextPageParam: ({ older }): PageStart => (older === null ? null : { toward: 'older', cursor: older }),
    getPreviousPageParam: ({ newer }): PageStart => (newer === null ? null : { toward: 'newer', cursor: newer }),
    maxPages: MOST_PAGES,
  });

export const tasksQuery = (workspaceId: string) =>
  infiniteQueryOptions({
    queryKey: ['tasks', workspaceId],
    queryFn: ({ signal, pageParam }) =>
      call('GET /api/v1/tasks', {
        query: { workspaceId, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** Workspaces that have a running task now. */
export const runningQuery = queryOptions({
  queryKey: ['running'],
  queryFn: async ({ signal }): Promise<Readonly<Record<string, string>>> => {
    await streamOpened;
    const page = await call('GET /api/v1/tasks', {
      query: { status: 'running' satisfies TaskStatus, limit: LARGEST_PAGE },
      signal,
    });
    return Object.fromEntries(page.items.map((task) => [task.id, task.workspaceId]));
  },
});

/** History of the org or of one workspace, newest first. The pieces of running answers are left out. */
export const historyQuery = (workspaceId: string | null, types: readonly MoleculeEvent['type'][]) =>
  infiniteQueryOptions({
    queryKey: ['history', workspaceId, types],
    queryFn: ({ signal, pageParam }) =>
      call('GET /api/v1/events', {
        query: {
          order: 'newest',
          limit: 100,
          types: types.join(','),
          ...(workspaceId === null ? {} : { workspaceId }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/templates', { signal })).items,
});
export const runtimesQuery = queryOptions({
  queryKey: ['runtimes'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/runtimes', { signal })).items,
});
export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/tokens', { query: { limit: LARGEST_PAGE }, signal })).items,
});
