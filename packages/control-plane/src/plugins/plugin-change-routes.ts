import {
  PluginChange,
  PluginLock,
  PluginLockReport,
  PluginPreview,
  PreviewPlugin,
  pageOf,
  WorkspacePlugin,
} from '@molecule/contracts';
import { listChanges } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import { type PluginChanges, publicChange } from './plugin-changes.ts';
import type { PluginChannel } from './plugin-channel.ts';
import type { PluginLocks } from './plugin-locks.ts';
import { previewPlugin } from './plugin-preview.ts';
import type { PluginsService } from './plugins-service.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const ChangeParams = Params.extend({ change: z.uuid() });
const PlanBody = z.object({ plugin: z.string().min(1).max(200).optional() }).strict();

export interface PluginChangeRoutesDeps {
  readonly plugins: PluginsService;
  readonly channel: PluginChannel;
  readonly changes: PluginChanges;
  readonly locks: PluginLocks;
  readonly workspaces: WorkspacesService;
}

/** `/api/v1/workspaces/:id/plugins/{lock,plan,changes}`. */
export function pluginChangeRoutes(
  app: App,
  services: Services,
  { plugins, channel, changes, locks, workspaces }: PluginChangeRoutesDeps,
): void {
  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/plugins/lock',
    config: { access: { scope: 'plugins:read' } },
    schema: { params: Params, response: { 200: PluginLock } },
    handler: async (request) =>
      locks.export(services.db, await workspaces.find(services.db, principalOf(request).orgId, request.params.id)),
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/workspaces/:id/plugins/lock',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: Params, body: PluginLock, response: { 200: pageOf(WorkspacePlugin) } },
    handler: async (request) => {
      const principal = principalOf(request);
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      const found = await locks.resolve(row, request.body, principal);
      await services.db.transaction().execute((trx) => locks.install(trx, row, found, principal));
      return { items: await plugins.list(services.db, row), nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/plugins/preview',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: Params, body: PreviewPlugin, response: { 200: PluginPreview } },
    handler: async (request) => {
      const principal = principalOf(request);
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      const found = await plugins.resolve(row, request.body.source, principal);
      return previewPlugin(services, { ...channel, plugins }, row, found, principal);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/plugins/plan',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: Params, body: PlanBody, response: { 200: PluginLockReport } },
    handler: async (request) => {
      const principal = principalOf(request);
      return changes.plan(
        await workspaces.find(services.db, principal.orgId, request.params.id),
        principal,
        request.body.plugin,
      );
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/plugins/changes',
    config: { access: { scope: 'plugins:read' } },
    schema: { params: Params, response: { 200: pageOf(PluginChange) } },
    handler: async (request) => {
      const row = await workspaces.find(services.db, principalOf(request).orgId, request.params.id);
      return { items: (await listChanges(services.db, row.id)).map(publicChange), nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/plugins/changes/:change/apply',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: ChangeParams, response: { 200: PluginChange } },
    handler: async (request) => {
      const principal = principalOf(request);
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      return services.db.transaction().execute((trx) => changes.apply(trx, row, request.params.change, principal));
    },
  });
}
