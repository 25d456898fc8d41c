import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { BudgetRow } from './budget-repository.ts';

/** What one call or turn asks of the budgets of a unit; null = not known, which a hard budget refuses (fail closed). */
export interface Need {
  /** Held until the settlement. */
  readonly hold: number | null;
  /** With less than this left there is no point in starting. */
  readonly need: number | null;
}

export interface Reservation {
  readonly id: string;
  readonly kind: 'call' | 'turn';
  readonly orgId: string;
  readonly workspaceId: string;
  readonly taskId: string | null;
  readonly replicaId: string | null;
  readonly attempt: number | null;
  readonly provider: string;
  readonly model: string;
  readonly at: Date;
  readonly inputTokens: number;
  readonly needs: Readonly<Partial<Record<BudgetRow['unit'], Need>>>;
}

export type Reserved =
  | {
      readonly verdict: 'granted' /** Milliseconds that a turn may take; null = as long as it likes. */;
      readonly turnMs: number | null;
    }
  | { readonly verdict: 'spent' | 'held' | 'unpriced'; readonly budgetId: string; readonly leftUnits: number };

/** Reserves in one statement (see the function `reserve`): all budgets or none, and never more than a hard one has. */
export async function reserve(db: Executor, r: Reservation): Promise<Reserved> {
  const found = await sql<{
    verdict: 'granted' | 'spent' | 'held' | 'unpriced';
    budget: string | null;
    left_units: number | null;
  }>`
    select * from reserve(${r.id}, ${r.kind}, ${r.orgId}, ${r.workspaceId}, ${r.taskId}, ${r.replicaId}, ${r.attempt}, ${r.provider}, ${r.model}, ${r.at}, ${r.inputTokens}, ${JSON.stringify(r.needs)}::jsonb)`.execute(
    db,
  );
  const row = found.rows[0];
  if (row === undefined) throw new Error('reserve gave no row');
  if (row.verdict === 'granted') return { verdict: 'granted', turnMs: row.left_units };
  return { verdict: row.verdict, budgetId: row.budget ?? '', leftUnits: row.left_units ?? 0 };
}

/** A call that wants to be reserved together with others of its org. */
export type CallReservation = Omit<Reservation, 'kind' | 'taskId' | 'attempt'> & { readonly replicaId: string };

/**
 * Reserves for many calls of one org in one statement, in their order, each as `reserve` would; who stands behind a call of its workspace that is held, is
 * held too. @returns an answer for each, in their order
 */
export async function reserveCalls(
  db: Executor,
  orgId: string,
  calls: readonly CallReservation[],
): Promise<readonly Reserved[]> {
  const items = calls.map(({ id, workspaceId, replicaId, provider, model, at, inputTokens, needs }) => ({
    id,
    workspaceId,
    replicaId,
    provider,
    model,
    at,
    input: inputTokens,
    needs,
  }));
  const found = await sql<{
    id: string;
    verdict: Reserved['verdict'];
    budget: string | null;
    left_units: number | null;
  }>`select * from reserve_calls(${orgId}, ${JSON.stringify(items)}::jsonb)`.execute(db);
  const byId = new Map(found.rows.map((row) => [row.id, row]));
  return calls.map(({ id }) => {
    const row = byId.get(id);
    if (row === undefined) throw new Error('reserve_calls left a call out');
    return row.verdict === 'granted'
      ? { verdict: 'granted', turnMs: null }
      : { verdict: row.verdict, budgetId: row.budget ?? '', leftUnits: row.left_units ?? 0 };
  });
}

export interface OpenCall {
  readonly id: string;
  readonly orgId: string;
  readonly workspaceId: string;
  readonly provider: string;
  readonly model: string;
  readonly startedAt: Date;
  readonly inputTokens: number;
}

/** What one call or turn really used. */
export interface Settlement {
  readonly id: string;
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  /** Millionths of a US dollar; null = the model has no price. */
  readonly cost: number | null;
  readonly requests: number;
  readonly estimated: number;
  readonly failed: number;
  readonly turns: number;
  readonly turnMs: number;
}

/** A batch of a gateway process; sent again with the same number and content when its answer was lost. */
export interface CallBatch {
  readonly replicaId: string;
  /** Rises by one. */
  readonly number: number;
  /** Calls that began and are not over. */
  readonly began: readonly OpenCall[];
  readonly ended: readonly (Settlement & Partial<OpenCall>)[];
}

/** A budget that passed its limit by a settlement, once per period. */
export interface Crossing {
  readonly budget: string;
  readonly org: string;
  readonly workspace: string;
  readonly mode: 'hard' | 'soft';
}

/** Settles in one statement, each reservation exactly once whoever comes first; one that is gone changes nothing. */
export async function settle(
  db: Executor,
  settlements: readonly Settlement[],
  now: Date,
): Promise<readonly Crossing[]> {
  if (settlements.length === 0) return [];
  const found = await sql<Crossing>`select * from settle(${JSON.stringify(settlements)}::jsonb, ${now})`.execute(db);
  return found.rows;
}

/** Takes a batch in, once, in one statement (see the function `write_calls`). A call that ended without having been noted brings its opening along. */
export async function writeCalls(db: Executor, batch: CallBatch, now: Date): Promise<readonly Crossing[]> {
  const found = await sql<Crossing>`
    select * from write_calls(${batch.replicaId}, ${batch.number}, ${JSON.stringify(batch.began)}::jsonb, ${JSON.stringify(batch.ended)}::jsonb, ${now})`.execute(
    db,
  );
  return found.rows;
}
