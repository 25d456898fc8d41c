import { QueryClient } from '@tanstack/react-query';
import { asProblem } from '../api/problem.ts';

/**
 * What the server said, kept and changed by the event stream. Nothing is asked again by time or focus: the stream tells what changed.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => asProblem(error).code === 'unreachable' && failures < 3,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
