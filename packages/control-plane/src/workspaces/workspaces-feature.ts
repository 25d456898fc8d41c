import {
  ChangeWorkspace,
  CreateWorkspace,
  PageQuery,
  pageOf,
  RemoveWorkspace,
  Workspace,
  WorkspaceId,
} from '@molecule/contracts';
import type { Executor } from '@molecule/store';
import { listWorkspaces, type WorkspaceRow } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import { rowCursor } from '../kernel/row-cursor.ts';
import type { Services } from '../kernel/services.ts';
import { SharedReads } from '../kernel/shared-reads.ts';
import { mayBringPlugins } from '../plugins/may-bring-plugins.ts';
import { changeWorkspace } from './change-workspace.ts';
import { readOrgSettings } from './org-settings.ts';
import { publicWorkspace } from './public-workspace.ts';
import type { Deed, WorkspacesService } from './workspaces-service.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const ListQuery = PageQuery.extend({
  kind: z.enum(['workspace', 'platform']).optional(),
  parentId: WorkspaceId.optional(),
});

type Work = (trx: Executor, row: WorkspaceRow, deed: Deed) => Promise<void>;

interface Page {
  readonly items: Workspace[];
  readonly nextCursor: string | null;
}

/** `/api/v1/workspaces`: a workspace is named by its id or its name. */
export function workspacesFeature(app: App, services: Services, workspaces: WorkspacesService): void {
  const pages = new SharedReads<Page>();
  app.route({
    method: 'GET',
    url: '/api/v1/workspaces',
    config: { access: { scope: 'workspaces:read' } },
    schema: { querystring: ListQuery, response: { 200: pageOf(Workspace) } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      const { limit, kind, parentId } = request.query;
      const cursor = rowCursor(request.query.cursor);
      return pages.read(JSON.stringify([orgId, limit, cursor, kind, parentId]), async () => {
        const [rows, settings] = await Promise.all([
          listWorkspaces(services.db, {
            orgId,
            limit,
            ...(cursor === undefined ? {} : { after: cursor }),
            ...(kind === undefined ? {} : { kind }),
            ...(parentId === undefined ? {} : { parentId }),
          }),
          readOrgSettings(services.db, orgId),
        ]);
        const model = settings?.model ?? null;
        return {
          items: rows.map((row) => publicWorkspace(row, model)),
          nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
        };
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces',
    config: { access: { scope: 'workspaces:write' } },
    schema: { body: CreateWorkspace, response: { 201: Workspace } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      mayBringPlugins(principal, [request.body]);
      const row = await services.db.transaction().execute((trx) => workspaces.create(trx, request.body, principal));
      return reply.code(201).send(await workspaces.toPublic(services.db, row));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id',
    config: { access: { scope: 'workspaces:read' } },
    schema: { params: Params, response: { 200: Workspace } },
    handler: async (request) =>
      workspaces.toPublic(
        services.db,
        await workspaces.find(services.db, principalOf(request).orgId, request.params.id),
      ),
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/workspaces/:id',
    config: { access: { scope: 'workspaces:write' } },
    schema: { params: Params, body: ChangeWorkspace, response: { 200: Workspace } },
    handler: async (request) => {
      const work: Work = async (trx, row, deed) => {
        await changeWorkspace(trx, row.id, request.body, deed, services.clock.now());
      };
      return (request.body.dryRun === true ? preview : apply)(request.params.id, principalOf(request), work);
    },
  });

  const change = (verb: 'restart' | 'pause' | 'resume'): void => {
    app.route({
      method: 'POST',
      url: `/api/v1/workspaces/:id/${verb}`,
      config: { access: { scope: 'workspaces:write' } },
      schema: { params: Params, response: { 200: Workspace } },
      handler: async (request) =>
        apply(request.params.id, principalOf(request), (trx, row, deed) => workspaces[verb](trx, row, deed)),
    });
  };
  for (const verb of ['restart', 'pause', 'resume'] as const) change(verb);

  app.route({
    method: 'DELETE',
    url: '/api/v1/workspaces/:id',
    config: { access: { scope: 'workspaces:delete' } },
    schema: { params: Params, body: RemoveWorkspace, response: { 200: Workspace } },
    handler: async (request) =>
      apply(request.params.id, principalOf(request), (trx, row, deed) =>
        workspaces.remove(trx, row, request.body.confirmName, deed),
      ),
  });

  async function apply(ref: string, deed: Deed, work: Work): Promise<Workspace> {
    const id = await services.db.transaction().execute(async (trx) => {
      const row = await workspaces.find(trx, deed.orgId, ref);
      await work(trx, row, deed);
      return row.id;
    });
    services.tokens.forget({ workspaceId: id });
    return workspaces.toPublic(services.db, await workspaces.find(services.db, deed.orgId, id));
  }

  /** The workspace as the deed would leave it. The transaction is rolled back, whatever happens in it. */
  async function preview(ref: string, deed: Deed, work: Work): Promise<Workspace> {
    const trx = await services.db.startTransaction().execute();
    try {
      const row = await workspaces.find(trx, deed.orgId, ref);
      await work(trx, row, deed);
      return await workspaces.toPublic(trx, await workspaces.find(trx, deed.orgId, row.id));
    } finally {
      await trx.rollback().execute();
    }
  }
}
