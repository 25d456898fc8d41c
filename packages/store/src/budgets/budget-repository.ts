import { newId } from '@molecule/contracts';
import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { BudgetsTable } from '../model-tables.ts';

export type BudgetRow = Selectable<BudgetsTable>;

/** A budget with what the present period has used. Amounts in the smallest unit: millionths of a dollar, tokens, turns, milliseconds. */
export interface BudgetState extends BudgetRow {
  readonly spent: number;
  readonly reserved: number;
  readonly period_start: Date;
  readonly warned_at: Date | null;
}

export interface BudgetKey {
  readonly orgId: string;
  readonly scopeKind: BudgetRow['scope_kind'];
  readonly scopeId: string;
  readonly unit: BudgetRow['unit'];
  readonly period: BudgetRow['period'];
  readonly mode: BudgetRow['mode'];
}

/**
 * Sets a limit; one budget per scope, unit, period and mode. A new one begins with what its scope has used in the present period already
 * (to the full hour), and takes part in every reservation from the commit on.
 * @param trx a transaction
 */
export async function storeBudget(
  trx: Executor,
  key: BudgetKey,
  limitUnits: number,
  actor: string,
  now: Date,
): Promise<BudgetRow> {
  const row = await trx
    .insertInto('budgets')
    .values({
      id: newId(now.getTime()),
      org_id: key.orgId,
      scope_kind: key.scopeKind,
      scope_id: key.scopeId,
      unit: key.unit,
      limit_units: limitUnits,
      period: key.period,
      mode: key.mode,
      created_by: actor,
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'scope_kind', 'scope_id', 'unit', 'period', 'mode'])
        .doUpdateSet({ limit_units: limitUnits }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  await sql`
    insert into budget_spends as t (budget_id, period_start, spent)
    select ${row.id}, period_start(${row.period}, ${now}), coalesce((
      select sum(case ${row.unit} when 'tokens' then u.input_tokens + u.output_tokens when 'usd' then u.cost_micro_usd when 'turns' then u.turns else u.turn_ms end)
      from usage u where u.org_id = ${row.org_id} and u.hour >= period_start(${row.period}, ${now}) and case ${row.scope_kind}
        when 'org' then true
        when 'workspace' then u.workspace_id = ${row.scope_id}
        when 'subtree' then ${row.scope_id} in (select workspace_line(u.workspace_id))
        else u.task_id is not null and ${row.scope_id} in (select task_line(u.task_id)) end), 0)
    on conflict (budget_id, period_start) do update set warned_at = case when t.spent >= ${limitUnits} then t.warned_at end`.execute(
    trx,
  );
  return row;
}

/** Budgets of an org with the state of their present period, oldest first. */
export async function listBudgets(
  db: Executor,
  orgId: string,
  now: Date,
  id?: string,
): Promise<readonly BudgetState[]> {
  const found = await sql<BudgetState>`
    select b.*, period_start(b.period, ${now}) as period_start, coalesce(s.spent, 0)::bigint as spent, coalesce(s.reserved, 0)::bigint as reserved, s.warned_at
    from budgets b left join budget_spends s on s.budget_id = b.id and s.period_start = period_start(b.period, ${now})
    where b.org_id = ${orgId} and (${id ?? null}::uuid is null or b.id = ${id ?? null}::uuid) order by b.id`.execute(
    db,
  );
  return found.rows;
}

/** True when it was there. */
export async function deleteBudget(db: Executor, orgId: string, id: string): Promise<BudgetRow | undefined> {
  return db.deleteFrom('budgets').where('org_id', '=', orgId).where('id', '=', id).returningAll().executeTakeFirst();
}

/** Which units an org has budgets in; empty = none at all, and no reservation is needed before a dispatch. */
export async function budgetUnits(db: Executor, orgId: string): Promise<ReadonlySet<BudgetRow['unit']>> {
  const rows = await db.selectFrom('budgets').select('unit').distinct().where('org_id', '=', orgId).execute();
  return new Set(rows.map((row) => row.unit));
}
