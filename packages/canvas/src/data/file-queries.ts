import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';

/** What a running box has now. The agent changes files without telling, so each look asks again. */
export const folderQuery = (id: string, path: string) =>
  infiniteQueryOptions({
    queryKey: ['files', id, 'folder', path],
    queryFn: ({ signal, pageParam }) =>
      call('GET /api/v1/workspaces/{id}/files', {
        path: { id },
        query: { path, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  });

export const fileQuery = (id: string, path: string) =>
  queryOptions({
    queryKey: ['files', id, 'content', path],
    queryFn: ({ signal }) =>
      call('GET /api/v1/workspaces/{id}/files/content', { path: { id }, query: { path }, signal }),
    staleTime: 0,
    gcTime: 0,
  });

export const terminalsQuery = (id: string) =>
  queryOptions({
    queryKey: ['terminals', id],
    queryFn: async ({ signal }) =>
      (await call('GET /api/v1/workspaces/{id}/terminals', { path: { id }, signal })).items,
    staleTime: 0,
  });
