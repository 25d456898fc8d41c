import type { TurnEvent } from '@molecule/contracts';
import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { TASK_LEASE_MS } from './task-lease.ts';

export interface TurnEventBatch {
  readonly workspaceId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Index of the first event within the attempt. */
  readonly from: number;
  readonly events: readonly TurnEvent[];
  readonly actor: string;
}

/**
 * Puts events of a running attempt into the outbox and renews its lease, in one statement (see the function `take_turn_events`). A repeated batch
 * changes nothing. `unknown`: the workspace has no such task; `not_leased`: another attempt has taken over, or the task has ended.
 */
export async function takeTurnEvents(
  db: Executor,
  batch: TurnEventBatch,
  now: Date,
): Promise<{ readonly verdict: 'taken' | 'unknown' | 'not_leased'; readonly cancel: boolean | null }> {
  const { rows } = await sql<{ verdict: 'taken' | 'unknown' | 'not_leased'; cancel: boolean | null }>`
    select * from take_turn_events(${batch.workspaceId}, ${batch.taskId}, ${batch.attempt}, ${batch.from}, ${JSON.stringify(batch.events)}::jsonb,
      ${new Date(now.getTime() + TASK_LEASE_MS)}, ${batch.actor})`.execute(db);
  if (rows[0] === undefined) throw new Error('take_turn_events gave no row');
  return rows[0];
}
