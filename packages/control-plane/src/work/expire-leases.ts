import {
  appendEvents,
  type Executor,
  lockExpiredLeases,
  lockOrphanedTasks,
  pruneTurnEvents,
  requeueTask,
  type TaskRow,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { finishTask } from './finish-task.ts';

/** Leases looked at in one pass. */
const MOST_PER_PASS = 200;
/** Streamed events of an ended task stay this long for those who are still reading. */
const TURN_EVENTS_KEPT_MS = 5 * 60_000;
const PRUNED_AT_ONCE = 2_000;

/**
 * Takes tasks back whose lease has run out: their box has gone. They are queued again until their attempts are used up, and
 * then fail as `lost`. Those of removed workspaces are cancelled. Any number of replicas may do this at the same time.
 * @returns how many were taken back
 */
export async function expireLeases(services: Services, now: Date): Promise<number> {
  return services.db.transaction().execute(async (trx) => {
    const expired = await lockExpiredLeases(trx, now, MOST_PER_PASS);
    for (const task of expired) await takeBack(trx, task, now);
    const orphans = await lockOrphanedTasks(trx, MOST_PER_PASS);
    for (const task of orphans) await cancel(trx, task, now);
    return expired.length + orphans.length;
  });
}

/** Takes back what earlier boots of a workspace were at work on; to be called when a new boot has enrolled. */
export async function takeBackFromEarlierBoots(
  trx: Executor,
  workspaceId: string,
  bootId: string,
  now: Date,
): Promise<void> {
  const tasks = await trx
    .selectFrom('tasks')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'running')
    .where('boot_id', '<>', bootId)
    .forNoKeyUpdate()
    .execute();
  for (const task of tasks) await takeBack(trx, task, now);
}

async function takeBack(trx: Executor, task: TaskRow, now: Date): Promise<void> {
  const about = {
    orgId: task.org_id,
    workspaceId: task.workspace_id,
    conversationId: task.conversation_id,
    taskId: task.id,
  };
  if (task.cancel_requested_at !== null) {
    await cancel(trx, task, now);
  } else if (task.attempt >= task.max_attempts) {
    const failureMessage = `The box was lost in each of ${task.attempt} attempts.`;
    await finishTask(
      trx,
      task,
      { status: 'failed', result: null, failure: 'lost', failureMessage, resultAttempt: null },
      'system',
      now,
    );
  } else {
    await requeueTask(trx, task.id);
    await appendEvents(trx, [
      {
        ...about,
        type: 'task.updated',
        actor: 'system',
        data: { status: 'queued', attempt: task.attempt, reason: 'box_gone' },
      },
    ]);
  }
}

async function cancel(trx: Executor, task: TaskRow, now: Date): Promise<void> {
  const end = {
    status: 'cancelled',
    result: null,
    failure: 'cancelled',
    failureMessage: null,
    resultAttempt: null,
  } as const;
  await finishTask(trx, task, end, 'system', now);
}

/** Removes streamed turn events that nobody needs any more. */
export async function pruneEndedTurns(services: Services, now: Date): Promise<number> {
  return pruneTurnEvents(services.db, new Date(now.getTime() - TURN_EVENTS_KEPT_MS), PRUNED_AT_ONCE);
}
