import { MoleculeError, PageQuery, pageOf, Task, TaskId, TaskStatus, WorkspaceId } from '@molecule/contracts';
import { type Executor, findTask, findTaskByKey, listTasks, publicTask, type TaskRow } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { violatedConstraint } from '../kernel/violated-constraint.ts';
import { cancelTask, retryTask } from './steer-task.ts';

const Params = z.object({ id: TaskId });
const ListQuery = PageQuery.extend({ workspaceId: WorkspaceId.optional(), status: TaskStatus.optional() });

/** `/api/v1/tasks`: list, read, cancel, retry. */
export function taskRoutes(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/tasks',
    config: { access: { scope: 'work:read' } },
    schema: { querystring: ListQuery, response: { 200: pageOf(Task) } },
    handler: async (request) => {
      const { limit, cursor, workspaceId, status } = request.query;
      if (cursor !== undefined && !TaskId.safeParse(cursor).success) throw new MoleculeError('cursor_invalid');
      const rows = await listTasks(services.db, {
        orgId: principalOf(request).orgId,
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(workspaceId === undefined ? {} : { workspaceId }),
        ...(status === undefined ? {} : { status }),
      });
      return { items: rows.map(publicTask), nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/tasks/:id',
    config: { access: { scope: 'work:read' } },
    schema: { params: Params, response: { 200: Task } },
    handler: async (request) => publicTask(await taskOf(services.db, principalOf(request).orgId, request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/tasks/:id/cancel',
    config: { access: { scope: 'work:write' } },
    schema: { params: Params, response: { 200: Task } },
    handler: async (request) => {
      const { orgId, actor } = principalOf(request);
      const task = await taskOf(services.db, orgId, request.params.id);
      return publicTask(
        await services.db.transaction().execute((trx) => cancelTask(trx, task, actor, services.clock.now())),
      );
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/tasks/:id/retry',
    config: { access: { scope: 'work:write' } },
    schema: { params: Params, response: { 201: Task } },
    handler: async (request, reply) => {
      const { orgId, actor } = principalOf(request);
      const task = await taskOf(services.db, orgId, request.params.id);
      const again = await services.db
        .transaction()
        .execute((trx) => retryTask(trx, task, actor, services.clock.now()))
        .catch(async (error: unknown) => {
          const known =
            violatedConstraint(error) === 'tasks_idempotency'
              ? await findTaskByKey(services.db, task.workspace_id, `retry:${task.id}`)
              : undefined;
          if (known === undefined) throw error;
          return known;
        });
      return reply.code(201).send(publicTask(again));
    },
  });
}

async function taskOf(db: Executor, orgId: string, id: string): Promise<TaskRow> {
  const row = await findTask(db, orgId, id);
  if (row === undefined) throw new MoleculeError('task_not_found', { params: { task: id } });
  return row;
}
