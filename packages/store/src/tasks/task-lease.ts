import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { HAS_WORK } from './may-work.ts';
import type { TaskRow } from './task-repository.ts';

/** A lease lives this long; heartbeats and events of the attempt renew it. */
export const TASK_LEASE_MS = 30_000;

/** Whether the workspace may run turns and has a queued task. */
export async function hasWork(db: Executor, workspaceId: string): Promise<boolean> {
  const found = await sql<{
    work: boolean;
  }>`select ${HAS_WORK} as work from workspaces w where w.id = ${workspaceId}`.execute(db);
  return found.rows[0]?.work === true;
}

/** Running tasks whose lease has run out, held for this transaction; at most `limit`. Those that another transaction holds are left to it. */
export async function lockExpiredLeases(trx: Executor, now: Date, limit: number): Promise<readonly TaskRow[]> {
  return trx
    .selectFrom('tasks')
    .selectAll()
    .where('status', '=', 'running')
    .where('lease_until', '<', now)
    .orderBy('lease_until')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
}

/** Tasks that wait for a workspace that was removed, held for this transaction; at most `limit`. */
export async function lockOrphanedTasks(trx: Executor, limit: number): Promise<readonly TaskRow[]> {
  const found = await sql<TaskRow>`
    select t.* from tasks t join workspaces w on w.id = t.workspace_id
    where t.status = 'queued' and w.status = 'removed' order by t.id limit ${limit} for no key update of t skip locked`.execute(
    trx,
  );
  return found.rows;
}

/** Puts a running task back into the queue. Its attempt number stays: a late result of it counts until the next lease. */
export async function requeueTask(trx: Executor, id: string): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ status: 'queued', boot_id: null, lease_until: null })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .execute();
}

/** Removes streamed turn events of tasks that ended before a time; their essence is in the message. Returns how many went. */
export async function pruneTurnEvents(db: Executor, endedBefore: Date, limit: number): Promise<number> {
  const gone = await sql<{ id: number }>`
    delete from events where id in (
      select e.id from events e join tasks t on t.id = e.task_id
      where e.type = 'turn.events' and t.ended_at < ${endedBefore} limit ${limit})
    returning id`.execute(db);
  return gone.rows.length;
}
