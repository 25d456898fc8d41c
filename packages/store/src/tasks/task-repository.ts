import type { FailureCode, Task } from '@molecule/contracts';
import { adviceText } from '@molecule/domain';
import type { Selectable } from 'kysely';
import type { Executor } from '../executor.ts';
import type { TasksTable } from '../schema.ts';

export type TaskRow = Selectable<TasksTable>;

export async function findTask(db: Executor, orgId: string, id: string): Promise<TaskRow | undefined> {
  return db.selectFrom('tasks').selectAll().where('org_id', '=', orgId).where('id', '=', id).executeTakeFirst();
}

export async function findTaskByKey(db: Executor, workspaceId: string, key: string): Promise<TaskRow | undefined> {
  return db
    .selectFrom('tasks')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
}

/** Reads the task of a workspace and holds it until the transaction ends. */
export async function lockTask(trx: Executor, workspaceId: string, id: string): Promise<TaskRow | undefined> {
  return trx
    .selectFrom('tasks')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export interface TaskQuery {
  readonly orgId: string;
  readonly workspaceId?: string;
  readonly status?: TaskRow['status'];
  /** Id of the last task seen; the list goes on with older ones. */
  readonly before?: string;
  readonly limit: number;
}

/** Tasks, newest first. */
export async function listTasks(db: Executor, query: TaskQuery): Promise<readonly TaskRow[]> {
  return db
    .selectFrom('tasks')
    .selectAll()
    .where('org_id', '=', query.orgId)
    .$if(query.workspaceId !== undefined, (q) => q.where('workspace_id', '=', query.workspaceId ?? ''))
    .$if(query.status !== undefined, (q) => q.where('status', '=', query.status ?? 'queued'))
    .$if(query.before !== undefined, (q) => q.where('id', '<', query.before ?? ''))
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}

/** How the last turns of a workspace went, for its health (B94). */
export async function recentTurns(
  db: Executor,
  workspaceId: string,
  since: Date,
  limit: number,
): Promise<{ readonly ended: number; readonly failed: number; readonly lastFailure: FailureCode | null }> {
  const rows = await db
    .selectFrom('tasks')
    .select(['status', 'failure'])
    .where('workspace_id', '=', workspaceId)
    .where('status', 'in', ['completed', 'failed'])
    .where('ended_at', '>', since)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  const failed = rows.filter((row) => row.status === 'failed');
  return { ended: rows.length, failed: failed.length, lastFailure: (failed[0]?.failure ?? null) as FailureCode | null }; // written only by writeTurnEnd
}

export function publicTask(row: TaskRow): Task {
  const failure = row.failure as FailureCode | null; // written only by writeTurnEnd
  return {
    id: row.id as Task['id'],
    workspaceId: row.workspace_id as Task['workspaceId'],
    conversationId: row.conversation_id as Task['conversationId'], // uuid columns
    parentTaskId: row.parent_task_id as Task['parentTaskId'], // uuid column
    status: row.status,
    attempt: row.attempt,
    prompt: row.prompt,
    result: row.result,
    failure,
    failureMessage: row.failure_message,
    advice: adviceText(failure),
    usage: row.usage as Task['usage'], // written only by writeTurnEnd
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}
