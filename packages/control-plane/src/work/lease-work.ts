import { type Lease, newId } from '@molecule/contracts';
import { historyBefore, type LeasedTurn, leaseTurn, lockTask } from '@molecule/store';
import { budgetRefusal } from '../budgets/budget-refusal.ts';
import { turnPayer } from '../budgets/turn-payer.ts';
import type { PlanCache } from '../gateway/plan-cache.ts';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { lockBox } from '../registry/lock-box.ts';
import { finishTask } from './finish-task.ts';

/** Ends a turn that nobody gave a deadline. */
const TURN_DEADLINE_MS = 30 * 60_000;
/** What a runtime without a session is told of what was said before. */
const HISTORY_MESSAGES = 50;
const HISTORY_CHARACTERS = 100_000;

type Turn = Lease['history'][number];

/**
 * Leases the next task to the box of the present boot; null when there is none or the workspace may not work. Budgets at the lease: here turns and minutes are reserved, which
 * also limits a runtime's own login, and a spent budget of tokens or money refuses before a CLI is started. The reservation is settled when
 * the attempt has ended, however it ends.
 * @throws MoleculeError of `lockBox`
 */
export async function leaseWork(
  services: Services,
  plans: PlanCache,
  principal: Principal,
  bootId: string,
): Promise<Lease | null> {
  const { db, clock } = services;
  const now = clock.now();
  const payer = turnPayer(await plans.of(principal));
  const leased = await leaseTurn(db, {
    ...payer,
    workspaceId: ownWorkspace(principal).workspaceId,
    bootId,
    now,
    longestMs: TURN_DEADLINE_MS,
    reservationId: newId(now.getTime()),
    actor: principal.actor,
  });
  if (leased === undefined) {
    await lockBox(db, principal, bootId);
    return null;
  }
  const { verdict } = leased;
  // Turns in progress hold the rest: it may be different when one ends.
  if (verdict === 'held') return null;
  if (verdict !== 'granted') {
    await refuse(services, principal, leased, { verdict, model: payer.model }, now);
    return null;
  }
  // A session belongs to the runtime that made it: after a switch the new one is told the history instead. So is a further attempt: the
  // session holds the request of the interrupted one already, perhaps with half of its work, and would be asked twice.
  const sessionId = leased.sessionRuntime === leased.runtime && leased.attempt === 1 ? leased.sessionId : null;
  const history =
    sessionId === null && leased.conversationId !== null
      ? newestThatFit(await historyBefore(db, leased.conversationId, leased.taskId, HISTORY_MESSAGES))
      : [];
  return {
    taskId: leased.taskId as Lease['taskId'],
    attempt: leased.attempt,
    prompt: leased.prompt,
    generation: leased.generation,
    conversationId: leased.conversationId as Lease['conversationId'], // uuid columns
    sessionId,
    history: [...history],
    leaseUntil: leased.leaseUntil.toISOString(),
    deadlineMs: leased.deadlineMs,
  };
}

/** Ends a task for which the budgets gave no leave; unless something else has happened to it since. */
async function refuse(
  { db }: Services,
  principal: Principal,
  turn: LeasedTurn,
  why: { readonly verdict: 'spent' | 'unpriced'; readonly model: string },
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const task = await lockTask(trx, ownWorkspace(principal).workspaceId, turn.taskId);
    if (task?.status !== 'queued' || task.attempt !== turn.attempt - 1) return;
    const refused = { verdict: why.verdict, budgetId: turn.budgetId ?? '', leftUnits: turn.leftUnits ?? 0 };
    const error = await budgetRefusal(trx, principal.orgId, refused, why.model, now);
    const end = {
      status: 'failed',
      result: null,
      failure: 'quota',
      failureMessage: `${error.message} ${error.hint}`,
      resultAttempt: null,
    } as const;
    await finishTask(trx, task, end, 'system', now);
  });
}

/** The newest turns that fit, oldest first. */
function newestThatFit(history: readonly Turn[]): readonly Turn[] {
  let left = HISTORY_CHARACTERS;
  let from = history.length;
  while (from > 0 && left >= (history[from - 1]?.text.length ?? 0)) left -= history[--from]?.text.length ?? 0;
  return history.slice(from);
}
