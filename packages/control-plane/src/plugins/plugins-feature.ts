import {
  CataloguePlugin,
  InstallPlugin,
  isMoleculeError,
  MoleculeError,
  PluginAllowlist,
  PluginInstalled,
  PluginUninstalled,
  pageOf,
  SetPluginAllowlist,
  WorkspacePlugin,
} from '@molecule/contracts';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import type { AllowlistService } from './allowlist-service.ts';
import { pluginChangeRoutes } from './plugin-change-routes.ts';
import { PluginChanges } from './plugin-changes.ts';
import type { PluginChannel } from './plugin-channel.ts';
import { PluginFetches } from './plugin-fetches.ts';
import { PluginLocks } from './plugin-locks.ts';
import type { PluginsService } from './plugins-service.ts';
import { rolloutRoutes } from './rollout-routes.ts';
import { pluginSubject, runtimeSubject } from './rollout-subjects.ts';
import { RolloutUpgrades } from './rollout-upgrades.ts';
import { Rollouts } from './rollouts.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const NamedParams = Params.extend({ name: z.string().min(1).max(200) });
const WaitQuery = z.object({ waitSeconds: z.coerce.number().min(0).max(60).default(0) });

export interface PluginsFeatureDeps {
  readonly plugins: PluginsService;
  readonly allowlist: AllowlistService;
  readonly channel: PluginChannel;
  readonly workspaces: WorkspacesService;
}

/** `/api/v1/plugins/…`, `/api/v1/workspaces/:id/plugins` and `/api/v1/artifacts/:digest`. */
export function pluginsFeature(app: App, services: Services, deps: PluginsFeatureDeps): { stop(): Promise<void> } {
  const { plugins, allowlist, workspaces } = deps;
  const { artifacts } = deps.channel;

  app.route({
    method: 'GET',
    url: '/api/v1/plugins/catalog',
    config: { access: { scope: 'plugins:read' } },
    schema: { response: { 200: pageOf(CataloguePlugin) } },
    handler: async () => ({ items: plugins.catalog(), nextCursor: null }),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/plugins',
    config: { access: { scope: 'plugins:read' } },
    schema: { params: Params, response: { 200: pageOf(WorkspacePlugin) } },
    handler: async (request) => {
      const row = await workspaces.find(services.db, principalOf(request).orgId, request.params.id);
      return { items: await plugins.list(services.db, row), nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/plugins',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: Params, body: InstallPlugin, response: { 201: PluginInstalled } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const startedAt = performance.now();
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const { source, waitSeconds, digest } = request.body;
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      try {
        const found = await plugins.resolve(row, source, principal);
        if (digest !== undefined && digest !== found.digest)
          throw new MoleculeError('plugin_change_stale', {
            params: { plugin: found.manifest.name, detail: 'the source gives another content than was shown' },
          });
        const resolveMs = Math.round(performance.now() - startedAt);
        const installed = await services.db.transaction().execute((trx) => plugins.install(trx, row, found, principal));
        const timing = { resolveMs, foreignMs: Math.round(found.foreignMs), totalMs: 0 };
        return await reply
          .code(201)
          .send(await plugins.afterInstall(row, installed, waitSeconds * 1000, gone.signal, timing, startedAt));
      } catch (error) {
        if (isMoleculeError(error)) await plugins.refused(row, source, error, principal.actor);
        throw error;
      }
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/workspaces/:id/plugins/:name',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: NamedParams, querystring: WaitQuery, response: { 200: PluginUninstalled } },
    handler: async (request) => {
      const principal = principalOf(request);
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      const removed = await services.db
        .transaction()
        .execute((trx) => plugins.uninstall(trx, row, request.params.name, principal));
      return {
        name: removed.name,
        proof: await plugins.proof(row, removed, request.query.waitSeconds * 1000, services.stopping),
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/plugins/servers/:name/accept',
    config: { access: { scope: 'plugins:write' } },
    schema: { params: NamedParams, response: { 200: pageOf(WorkspacePlugin) } },
    handler: async (request) => {
      const principal = principalOf(request);
      // What is held waits for a person: an agent cannot accept for itself.
      if (principal.workspaceId !== null) throw new MoleculeError('token_other_workspace');
      const row = await workspaces.find(services.db, principal.orgId, request.params.id);
      const { name } = request.params;
      await services.db
        .transaction()
        .execute((trx) => services.toolPins.accept(trx, row, name, principal.actor, services.clock.now()));
      return { items: await plugins.list(services.db, row), nextCursor: null };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/plugins/allowlist',
    config: { access: { scope: 'plugins:read' } },
    schema: { response: { 200: PluginAllowlist } },
    handler: async (request) => allowlist.get(services.db, principalOf(request).orgId),
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/plugins/allowlist',
    config: { access: { scope: 'org:write' } },
    schema: { body: SetPluginAllowlist, response: { 200: PluginAllowlist } },
    handler: async (request) => {
      const { orgId, actor } = principalOf(request);
      await services.db.transaction().execute(async (trx) => {
        const workspace =
          request.body.workspace === undefined ? null : await workspaces.find(trx, orgId, request.body.workspace);
        await allowlist.set(trx, orgId, workspace, request.body, actor);
      });
      return allowlist.get(services.db, orgId);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/artifacts/:digest',
    config: { access: { anyScope: ['box:run', 'plugins:read'] } },
    schema: { params: z.object({ digest: z.string().max(100) }), hide: true },
    handler: async (request, reply) => {
      const { digest } = request.params;
      const found = await artifacts.open(digest);
      if (found === null) throw new MoleculeError('artifact_not_found', { params: { digest } });
      // Content by digest never changes.
      return reply
        .header('content-length', found.length)
        .header('cache-control', 'private, max-age=31536000, immutable')
        .type('application/x-tar')
        .send(found.stream);
    },
  });

  const changes = new PluginChanges(services, { ...deps.channel, plugins });
  pluginChangeRoutes(app, services, {
    plugins,
    channel: deps.channel,
    workspaces,
    changes,
    locks: new PluginLocks(services, { plugins, sets: deps.channel.sets }),
  });

  const subjects = { plugin: pluginSubject(services, { ...deps.channel, plugins }), runtime: runtimeSubject(services) };
  const rollouts = new Rollouts(services, { plugins, sets: deps.channel.sets, artifacts, subjects });
  rolloutRoutes(app, services, rollouts);

  let stop = async (): Promise<void> => {};
  app.addHook('onReady', async () => {
    const stops = [
      new PluginFetches(services, { ...deps.channel, plugins }).start(),
      changes.start(),
      rollouts.start(),
      new RolloutUpgrades(services, { rollouts, sets: deps.channel.sets }).start(),
    ];
    stop = async () => void (await Promise.all(stops.map((each) => each())));
  });
  return { stop: () => stop() };
}
