import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { ModelTroublesTable } from '../model-tables.ts';

export type ModelTroubleRow = Selectable<ModelTroublesTable>;

export interface ModelTrouble {
  readonly orgId: string;
  /** Set when the refused key is the workspace's own. */
  readonly workspaceId: string | null;
  readonly provider: string;
  readonly model: string;
  readonly reason: string;
  readonly message: string;
  readonly nextCheckAt: Date;
}

/** Notes that a provider refuses. @returns true when that is news */
export async function noteTrouble(db: Executor, trouble: ModelTrouble, now: Date): Promise<boolean> {
  const found = await sql<{ fresh: boolean }>`
    insert into model_troubles as t (org_id, workspace_id, provider, model, reason, message, since, next_check_at)
    values (${trouble.orgId}, ${trouble.workspaceId}, ${trouble.provider}, ${trouble.model}, ${trouble.reason}, ${trouble.message}, ${now}, ${trouble.nextCheckAt})
    on conflict (org_id, workspace_id, provider) do update set message = excluded.message, reason = excluded.reason, model = excluded.model
    returning (xmax = 0) as fresh`.execute(db);
  return found.rows[0]?.fresh === true;
}

/** Trouble with the provider for a workspace, under the key that it uses. */
export async function findTrouble(
  db: Executor,
  orgId: string,
  workspaceId: string | null,
  provider: string,
): Promise<ModelTroubleRow | undefined> {
  return db
    .selectFrom('model_troubles')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('provider', '=', provider)
    .where(sql<boolean>`workspace_id is not distinct from ${workspaceId}`)
    .executeTakeFirst();
}

/** True when there was one. */
export async function endTrouble(
  db: Executor,
  orgId: string,
  workspaceId: string | null,
  provider: string,
): Promise<boolean> {
  const gone = await db
    .deleteFrom('model_troubles')
    .where('org_id', '=', orgId)
    .where('provider', '=', provider)
    .where(sql<boolean>`workspace_id is not distinct from ${workspaceId}`)
    .returning('provider')
    .execute();
  return gone.length > 0;
}

/** Takes the troubles that are due for another look; their next one is set first, so that no two replicas look at once. */
export async function dueTroubles(
  db: Executor,
  now: Date,
  nextAt: Date,
  limit: number,
): Promise<readonly ModelTroubleRow[]> {
  const found = await sql<ModelTroubleRow>`
    update model_troubles t set next_check_at = ${now}::timestamptz + (${nextAt}::timestamptz - ${now}::timestamptz) * power(2, least(t.checks, 5)), checks = t.checks + 1
    from (select ctid from model_troubles where next_check_at <= ${now} order by next_check_at limit ${limit} for update skip locked) due
    where t.ctid = due.ctid returning t.*`.execute(db);
  return found.rows;
}
