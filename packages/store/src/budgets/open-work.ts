import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { ReservationsTable } from '../model-tables.ts';

export type ReservationRow = Selectable<ReservationsTable>;

/** Says that a gateway process lives; its calls in progress are safe from the sweep for as long as it does. */
export async function touchReplica(db: Executor, replicaId: string, now: Date): Promise<void> {
  await db
    .insertInto('gateway_replicas')
    .values({ id: replicaId, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
    .execute();
}

/** Stores what streams in progress have shown so far. */
export async function noteProgress(
  db: Executor,
  progress: readonly { readonly id: string; readonly input: number; readonly output: number }[],
): Promise<void> {
  if (progress.length === 0) return;
  await sql`update reservations r set input_tokens = p.input, output_tokens = p.output
    from jsonb_to_recordset(${JSON.stringify(progress)}::jsonb) as p(id uuid, input bigint, output bigint) where r.id = p.id`.execute(
    db,
  );
}

/** Calls whose process has been silent since `before`, held for this transaction; at most `limit`. */
export async function lockLostCalls(trx: Executor, before: Date, limit: number): Promise<readonly ReservationRow[]> {
  const found = await sql<ReservationRow>`
    select r.* from reservations r left join gateway_replicas g on g.id = r.replica_id
    where r.kind = 'call' and r.started_at < ${before} and (g.id is null or g.seen_at < ${before})
    order by r.id limit ${limit} for update of r skip locked`.execute(trx);
  return found.rows;
}

/** Forgets processes that have nothing open and are long gone. */
export async function forgetReplicas(db: Executor, before: Date): Promise<void> {
  await sql`delete from gateway_replicas g where g.seen_at < ${before} and not exists (select 1 from reservations r where r.replica_id = g.id)`.execute(
    db,
  );
}

/**
 * Settles turns whose attempt is over, however it ended, and tells of budgets that passed their limit by it (see the function `settle_ended_turns`).
 * @param limit at most this many
 * @returns how many were settled
 */
export async function settleEndedTurns(trx: Executor, now: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ settled: number }>`select settle_ended_turns(${now}, ${limit}, null) as settled`.execute(
    trx,
  );
  return rows[0]?.settled ?? 0;
}
