import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { TASK_LEASE_MS } from './task-lease.ts';

export interface TurnTerms {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly now: Date;
  /** Ends a turn that nobody gave a deadline, milliseconds. */
  readonly longestMs: number;
  /** Id under which the budgets hold what the turn may use. */
  readonly reservationId: string;
  /** Who serves the model; null = the runtime's own login. */
  readonly provider: string | null;
  readonly model: string;
  /** Budgets in money count. */
  readonly isPaid: boolean;
  readonly actor: string;
}

/** A turn that was leased (`granted`), or one for which the budgets gave no leave and which stays in the queue. */
export interface LeasedTurn {
  readonly verdict: 'granted' | 'spent' | 'held' | 'unpriced';
  /** The budget that refused, and what it has left, in its smallest unit. */
  readonly budgetId: string | null;
  readonly leftUnits: number | null;
  readonly taskId: string;
  readonly attempt: number;
  readonly prompt: string;
  readonly conversationId: string | null;
  readonly runtime: string;
  /** Of the desired state, at the time of the lease. */
  readonly generation: number;
  /** Session of the conversation, and the runtime that made it. */
  readonly sessionId: string | null;
  readonly sessionRuntime: string | null;
  readonly deadlineMs: number;
  readonly leaseUntil: Date;
}

/** Leases the next turn of a workspace to its present boot, in one statement (see the function `lease_turn`). Undefined = there is nothing to lease. */
export async function leaseTurn(db: Executor, terms: TurnTerms): Promise<LeasedTurn | undefined> {
  const leaseUntil = new Date(terms.now.getTime() + TASK_LEASE_MS);
  const { rows } = await sql<Omit<LeasedTurn, 'leaseUntil'>>`
    select leased.*, workspace.generation from workspaces workspace, lease_turn(${terms.workspaceId}, ${terms.bootId}, ${terms.now}, ${leaseUntil}, ${terms.longestMs}, ${terms.reservationId},
      ${terms.provider}, ${terms.model}, ${terms.isPaid}, ${terms.actor}) leased
    where workspace.id = ${terms.workspaceId}`.execute(db);
  return rows[0] === undefined ? undefined : { ...rows[0], leaseUntil };
}
