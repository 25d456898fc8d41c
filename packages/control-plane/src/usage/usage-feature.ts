import { MoleculeError, type UsageItem, UsagePage, UsageQuery } from '@molecule/contracts';
import { sumUsage, type UsageFilter, type UsageSum } from '@molecule/store';
import type { z } from 'zod';
import type { CallLedger } from '../gateway/call-ledger.ts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { Registries } from '../models/registries.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';

export interface UsageDeps {
  readonly workspaces: WorkspacesService;
  readonly ledger: CallLedger;
  readonly registries: Registries;
}

/** `/api/v1/usage`: what was used and what it cost, per task, workspace, tree and model. Calls that have ended are in it. */
export function usageFeature(app: App, services: Services, deps: UsageDeps): void {
  app.route({
    method: 'GET',
    url: '/api/v1/usage',
    config: { access: { scope: 'budgets:read' } },
    schema: { querystring: UsageQuery, response: { 200: UsagePage } },
    handler: (request) => readUsage(services, deps, principalOf(request).orgId, request.query),
  });
}

export async function readUsage(
  services: Services,
  deps: UsageDeps,
  orgId: string,
  query: z.output<typeof UsageQuery>,
): Promise<UsagePage> {
  await deps.ledger.flushed();
  const filter: UsageFilter = {
    orgId,
    ...(query.workspace === undefined
      ? {}
      : { workspaceId: (await deps.workspaces.find(services.db, orgId, query.workspace)).id, tree: query.tree }),
    ...(query.taskId === undefined ? {} : { taskId: query.taskId }),
    ...(query.from === undefined ? {} : { from: new Date(query.from) }),
    ...(query.to === undefined ? {} : { to: new Date(query.to) }),
  };
  const offset = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isSafeInteger(offset) || offset < 0) throw new MoleculeError('cursor_invalid');
  const [rows, [total], registry] = await Promise.all([
    sumUsage(services.db, filter, query.by, { limit: query.limit, offset }),
    sumUsage(services.db, filter, 'total', { limit: 1, offset: 0 }),
    deps.registries.of(services.db, orgId),
  ]);
  if (total === undefined) throw new Error('a sum without groups has one row');
  return {
    items: rows.map(publicUsage),
    nextCursor: rows.length === query.limit ? String(offset + rows.length) : null,
    total: publicUsage(total),
    priceVersion: registry.priceVersion ?? null,
  };
}

function publicUsage(row: UsageSum): UsageItem {
  return {
    workspaceId: row.workspace_id,
    taskId: row.task_id,
    provider: row.provider,
    model: row.model,
    start: row.start?.toISOString() ?? null,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cachedTokens: row.cached_tokens,
    reasoningTokens: row.reasoning_tokens,
    requests: row.requests,
    estimatedRequests: row.estimated_requests,
    failedRequests: row.failed_requests,
    turns: row.turns,
    minutes: row.turn_ms / 60_000,
    unpricedRequests: row.unpriced_requests,
    ...(row.requests > row.unpriced_requests ? { costUsd: row.cost_micro_usd / 1_000_000 } : {}),
  };
}
