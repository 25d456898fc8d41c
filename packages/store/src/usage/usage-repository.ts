import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../executor.ts';

export interface UsageFilter {
  readonly orgId: string;
  /** These workspaces alone. */
  readonly workspaceId?: string;
  /** With `workspaceId`: what is below it too. */
  readonly tree?: boolean;
  /** A task with every task delegated from it. */
  readonly taskId?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export interface UsageSum {
  readonly workspace_id: string | null;
  readonly task_id: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  /** Begin of the hour or day, where it was grouped by one. */
  readonly start: Date | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cached_tokens: number;
  readonly reasoning_tokens: number;
  readonly requests: number;
  readonly estimated_requests: number;
  readonly failed_requests: number;
  readonly unpriced_requests: number;
  readonly cost_micro_usd: number;
  readonly turns: number;
  readonly turn_ms: number;
}

export type UsageGrouping = 'model' | 'task' | 'workspace' | 'hour' | 'day' | 'total';

const KEYS: Record<UsageGrouping, readonly string[]> = {
  model: ['workspace_id', 'task_id', 'provider', 'model'],
  task: ['workspace_id', 'task_id'],
  workspace: ['workspace_id'],
  hour: ['start'],
  day: ['start'],
  total: [],
};
const ALL_KEYS = ['workspace_id', 'task_id', 'provider', 'model', 'start'];
const COUNTS = [
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'reasoning_tokens',
  'requests',
  'estimated_requests',
  'failed_requests',
  'unpriced_requests',
  'cost_micro_usd',
  'turns',
  'turn_ms',
];

/** What was used, summed up; newest first. `total` gives exactly one row. */
export async function sumUsage(
  db: Executor,
  filter: UsageFilter,
  by: UsageGrouping,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly UsageSum[]> {
  const keys = KEYS[by];
  const column = (key: string): RawBuilder<unknown> =>
    key !== 'start' ? sql.ref(`u.${key}`) : by === 'day' ? sql`period_start('day', u.hour)` : sql`u.hour`;
  const columns = sql.join([
    ...ALL_KEYS.map((key) =>
      keys.includes(key) ? sql`${column(key)} as ${sql.id(key)}` : sql`null as ${sql.id(key)}`,
    ),
    ...COUNTS.map((name) => sql`coalesce(sum(${sql.ref(`u.${name}`)}), 0)::bigint as ${sql.id(name)}`),
  ]);
  const grouping =
    keys.length === 0
      ? sql``
      : sql`group by ${sql.join(keys.map(column))} order by max(u.hour) desc, ${sql.join(keys.map(column))}`;
  const found =
    await sql<UsageSum>`select ${columns} from usage u where ${conditions(filter)} ${grouping} limit ${page.limit} offset ${page.offset}`.execute(
      db,
    );
  return found.rows;
}

function conditions(filter: UsageFilter): RawBuilder<unknown> {
  const parts = [sql`u.org_id = ${filter.orgId}`];
  if (filter.workspaceId !== undefined) {
    parts.push(
      filter.tree === true
        ? sql`${filter.workspaceId} in (select workspace_line(u.workspace_id))`
        : sql`u.workspace_id = ${filter.workspaceId}`,
    );
  }
  if (filter.taskId !== undefined)
    parts.push(sql`u.task_id is not null and ${filter.taskId} in (select task_line(u.task_id))`);
  if (filter.from !== undefined) parts.push(sql`u.hour >= period_start('hour', ${filter.from})`);
  if (filter.to !== undefined) parts.push(sql`u.hour < ${filter.to}`);
  return sql.join(parts, sql` and `);
}
