import type { AddressInfo } from 'node:net';
import { isMoleculeError, MoleculeError, newId } from '@molecule/contracts';
import type { SourceSettings } from '@molecule/plugins';
import type { Database, DB } from '@molecule/store';
import { auditFeature } from './audit/audit-feature.ts';
import { membersFeature } from './auth/members-feature.ts';
import { signInFeature } from './auth/sign-in-feature.ts';
import { boxCallRoutes } from './boxes/box-call-routes.ts';
import { BoxCalls } from './boxes/box-calls.ts';
import { filesFeature } from './boxes/files-feature.ts';
import { terminalsFeature } from './boxes/terminals-feature.ts';
import { canvasFeature } from './canvas/canvas-feature.ts';
import { type DesiredStateOptions, DesiredStates } from './desired/desired-state.ts';
import { documentsFeature } from './documents/documents-feature.ts';
import { eventsFeature } from './events/events-feature.ts';
import { healthFeature } from './health/health-feature.ts';
import { hostsFeature } from './hosts/hosts-feature.ts';
import { inboxFeature } from './inbox/inbox-feature.ts';
import { installAccess } from './kernel/access.ts';
import { createApp } from './kernel/app.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { BODY_LIMIT_BYTES, type ControlPlaneConfig } from './kernel/config.ts';
import { EventHub } from './kernel/event-hub.ts';
import type { Logger } from './kernel/logger.ts';
import { installOpenApi } from './kernel/open-api.ts';
import type { Services } from './kernel/services.ts';
import { TokenCache } from './kernel/token-cache.ts';
import { mcpFeature } from './mcp/mcp-feature.ts';
import { PeerTasks } from './mcp/peer-tasks.ts';
import { type GatewayTuning, openModelHouse, serveModels } from './models/model-house.ts';
import type { ModelPort } from './models/model-port.ts';
import type { Upstreams } from './models/upstream.ts';
import { AllowlistService } from './plugins/allowlist-service.ts';
import { openPluginChannel } from './plugins/plugin-channel.ts';
import { PluginLocks } from './plugins/plugin-locks.ts';
import { PluginTools } from './plugins/plugin-tools.ts';
import { pluginsFeature } from './plugins/plugins-feature.ts';
import { PluginsService } from './plugins/plugins-service.ts';
import { ToolPins } from './plugins/tool-pins.ts';
import { readinessFeature } from './readiness/readiness-feature.ts';
import { registryFeature } from './registry/registry-feature.ts';
import { runtimesFeature } from './runtimes/runtimes-feature.ts';
import { TemplateCatalogue } from './templates/template-catalogue.ts';
import { templatesFeature } from './templates/templates-feature.ts';
import { tokensFeature } from './tokens/tokens-feature.ts';
import { workFeature } from './work/work-feature.ts';
import { workspacesFeature } from './workspaces/workspaces-feature.ts';
import { WorkspacesService } from './workspaces/workspaces-service.ts';

export interface ControlPlaneOptions {
  readonly database: Database<DB>;
  readonly log: Logger;
  readonly upstreams: Upstreams;
  /** Environment of the process that matters here: master key, permission for internal addresses. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly gateway?: GatewayTuning;
  readonly config: Pick<ControlPlaneConfig, 'host' | 'port' | 'version' | 'dataDir' | 'pluginsDir' | 'templatesDir'> &
    Partial<ControlPlaneConfig>;
  readonly clock?: Clock;
  readonly timing?: DesiredStateOptions['timing'];
  /** How plugin sources are reached, where it differs from the environment. */
  readonly sources?: Partial<SourceSettings>;
}

export interface ControlPlane {
  readonly services: Services;
  readonly workspaces: WorkspacesService;
  readonly models: ModelPort;
  /** Begins to serve. @returns base address. @throws MoleculeError `port_in_use` */
  listen(): Promise<string>;
  /** Stops: streams end, requests in progress are finished (at most 10 s), nothing is lost because everything is in the database. */
  stop(): Promise<void>;
}

const DRAIN_LIMIT_MS = 10_000;

/**
 * One replica of the control plane. It holds no state that matters: any replica can serve any request, and a killed one loses nothing. States: made → listening →
 * draining → stopped.
 */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { database, log } = options;
  const db = database.kysely;
  const clock = options.clock ?? systemClock;
  const stopping = new AbortController();
  const config: ControlPlaneConfig = {
    replicaId: newId(),
    canvasDir: null,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    allowedHosts: [],
    ...options.config,
  };
  const templates = await TemplateCatalogue.load(config.templatesDir, (template, path) =>
    log.warn({ template, path }, 'a template lacks its persona text; its workspaces run without one'),
  );
  const channel = await openPluginChannel(db, config, options.sources);
  const house = await openModelHouse({
    db,
    clock,
    log,
    config,
    upstreams: options.upstreams,
    env: options.env ?? {},
    gateway: options.gateway,
  });
  const { models, secrets } = house;
  const desired = new DesiredStates({
    templates,
    models,
    sets: channel.sets,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });
  const tokens = new TokenCache(db, clock);
  const events = new EventHub(db, log);
  const toolPins = new ToolPins(channel.sets);
  const services: Services = { db, clock, log, config, events, tokens, desired, toolPins, stopping: stopping.signal };
  const workspaces = new WorkspacesService(services, {
    templates,
    models,
    builtins: channel.builtins,
    rules: channel.rules,
  });
  const plugins = new PluginsService(services, channel);
  const allowlist = new AllowlistService(services, channel.rules);

  const calls = new BoxCalls(services);

  const app = createApp(services);
  installAccess(app, services);
  await installOpenApi(app, config.version);
  events.subscribe((batch) => {
    for (const event of batch) {
      if (event.type !== 'token.revoked') continue;
      const { tokenId, workspaceId } = event.data;
      tokens.forget({
        ...(typeof tokenId === 'string' ? { tokenId } : {}),
        ...(typeof workspaceId === 'string' ? { workspaceId } : {}),
      });
    }
  });
  healthFeature(app, services);
  signInFeature(app, services);
  membersFeature(app, services);
  auditFeature(app, services);
  tokensFeature(app, services);
  eventsFeature(app, services);
  templatesFeature(app, templates);
  runtimesFeature(app, services);
  workspacesFeature(app, services, workspaces);
  boxCallRoutes(app, services);
  filesFeature(app, services, { calls, workspaces });
  terminalsFeature(app, services, { calls, workspaces });
  const passes = [
    registryFeature(app, services, {
      secretsOf: async (trx, id) =>
        secrets.deliver(
          trx,
          (await trx.selectFrom('workspaces').select('org_id').where('id', '=', id).executeTakeFirstOrThrow()).org_id,
          id,
        ),
      provision: (trx, row) => models.provision(trx, row),
    }),
    hostsFeature(app, services, calls),
    workFeature(app, services, house.plans),
  ];
  passes.push(pluginsFeature(app, services, { plugins, allowlist, workspaces, channel }));
  documentsFeature(app, services, {
    workspaces,
    templates,
    locks: new PluginLocks(services, { plugins, sets: channel.sets }),
  });
  readinessFeature(app, services);
  const served = serveModels(app, services, house, workspaces);
  passes.push(served);
  mcpFeature(app, services, {
    workspaces,
    templates,
    work: new PeerTasks(services),
    plugins: new PluginTools(services, { plugins, allowlist, workspaces }),
    models: served.tools,
  });
  inboxFeature(app, services, allowlist);
  await canvasFeature(app, services);

  return {
    services,
    workspaces,
    models,
    listen: async () => {
      await events.start(database);
      await calls.start(database);
      try {
        await app.listen({ host: config.host, port: config.port });
      } catch (error) {
        if (!isMoleculeError(error) && (error as NodeJS.ErrnoException).code === 'EADDRINUSE')
          throw new MoleculeError('port_in_use', { params: { port: config.port }, cause: error });
        throw error;
      }
      const address = app.server.address() as AddressInfo; // listening on TCP, so never a string or null
      return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${address.port}`;
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(passes.map((pass) => pass.stop()));
      await Promise.race([app.close(), new Promise((resolve) => setTimeout(resolve, DRAIN_LIMIT_MS).unref())]);
      await calls.stop();
      await events.stop();
      await tokens.close();
    },
  };
}
