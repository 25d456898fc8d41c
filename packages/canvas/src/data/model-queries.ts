import { queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Budget } from '../api/wire.generated.ts';
import { streamOpened } from '../live/live.ts';
import { serverNow } from '../live/server-clock.ts';

const LARGEST_PAGE = 500;

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ['model', id],
    queryFn: ({ signal }) => call('GET /api/v1/workspaces/{id}/model', { path: { id }, signal }),
  });

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async ({ signal }) => (await call('GET /api/v1/models', { signal })).items,
});

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: async ({ signal }): Promise<readonly Budget[]> => {
    await streamOpened;
    return (await call('GET /api/v1/budgets', { query: { limit: LARGEST_PAGE }, signal })).items;
  },
});

export type UsageStep = 'hour' | 'day';
export const HOUR_MS = 3_600_000;
export const STEP_MS: Readonly<Record<UsageStep, number>> = { hour: HOUR_MS, day: 24 * HOUR_MS };

/** What a workspace, or the org (null), used over the last `steps` hours or days of UTC, the present one included; steps without use are left out. */
export const usageCourseQuery = (workspaceId: string | null, step: UsageStep, steps: number) =>
  queryOptions({
    queryKey: ['usage', workspaceId, step, steps],
    queryFn: ({ signal }) =>
      call('GET /api/v1/usage', {
        query: {
          by: step,
          limit: LARGEST_PAGE,
          from: new Date(Math.floor(serverNow() / STEP_MS[step] - steps + 1) * STEP_MS[step]).toISOString(),
          ...(workspaceId === null ? {} : { workspace: workspaceId }),
        },
        signal,
      }),
  });
