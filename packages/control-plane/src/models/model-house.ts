import type { Executor } from '@molecule/store';
import { BudgetsService, budgetsFeature } from '../budgets/budgets-feature.ts';
import { CallLedger } from '../gateway/call-ledger.ts';
import { Gateway } from '../gateway/gateway.ts';
import { gatewayFeature } from '../gateway/gateway-feature.ts';
import { LiveCalls } from '../gateway/live-calls.ts';
import { PlanCache } from '../gateway/plan-cache.ts';
import { settleLost } from '../gateway/settle-lost.ts';
import { UpstreamAgents } from '../gateway/upstream-agents.ts';
import type { App } from '../kernel/app.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ControlPlaneConfig } from '../kernel/config.ts';
import { every } from '../kernel/every.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Services } from '../kernel/services.ts';
import { KeyRing } from '../secrets/key-ring.ts';
import { SecretDesk } from '../secrets/secret-desk.ts';
import { secretsFeature } from '../secrets/secrets-feature.ts';
import { SecretsService } from '../secrets/secrets-service.ts';
import { usageFeature } from '../usage/usage-feature.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import { upstreamsFrom } from './environment-upstreams.ts';
import { ModelDesk } from './model-desk.ts';
import { ModelTools } from './model-tools.ts';
import { modelsFeature } from './models-feature.ts';
import { ModelsService } from './models-service.ts';
import { Registries } from './registries.ts';
import { ModelTroubles } from './troubles.ts';
import type { Upstreams } from './upstream.ts';

const LIMITS = { total: 512, perMember: 256, waitingPerMember: 2_048 } as const;
const HEARTBEAT_MS = 5_000;
/** A process that is silent for so long is dead, and its calls are settled by others. */
const SILENT_MS = 20_000;
const SWEEP_INTERVAL_MS = 2_000;
const TROUBLE_INTERVAL_MS = 2_000;

export interface ModelHouseInput {
  readonly db: Executor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ControlPlaneConfig;
  readonly upstreams: Upstreams;
  /** For the master key and `MOLECULE_ALLOW_LOOPBACK_SOURCES`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly gateway?: GatewayTuning | undefined;
}

/** Times that tests and operators may want otherwise. */
export interface GatewayTuning {
  readonly firstByteMs?: number;
  readonly silenceMs?: number;
  readonly heartbeatMs?: number;
  readonly silentMs?: number;
}

/** Everything about models that other features ask for. */
export interface ModelHouse {
  readonly secrets: SecretsService;
  readonly models: ModelsService;
  /** What the workspaces that are at work are served with. */
  readonly plans: PlanCache;
  readonly env: ModelHouseInput['env'];
  readonly gateway: GatewayTuning;
}

export interface ServedModels {
  /** For the management tools. */
  readonly tools: ModelTools;
  stop(): Promise<void>;
}

/** @throws MoleculeError `master_key_invalid` */
export async function openModelHouse(input: ModelHouseInput): Promise<ModelHouse> {
  const { clock, log, config, env } = input;
  const secrets = new SecretsService(await KeyRing.load(env, config.dataDir), clock, log);
  const registries = await Registries.load(config.dataDir, log);
  // Providers that the installation's own file added have variables too.
  const upstreams = new Map([...upstreamsFrom(env, registries.base), ...input.upstreams]);
  const models = new ModelsService({ registries, secrets, upstreams, log, allowInternal: allowsInternal(env) });
  return { secrets, models, plans: new PlanCache(input.db, models), env, gateway: input.gateway ?? {} };
}

/** Gateway, models, budgets, usage and secrets as routes and background passes. */
export function serveModels(
  app: App,
  services: Services,
  house: ModelHouse,
  workspaces: WorkspacesService,
): ServedModels {
  const { secrets, models, plans, gateway: tuning } = house;
  const { db, clock, log } = services;
  const allowInternal = allowsInternal(house.env);
  const agents = new UpstreamAgents();
  const ledger = new CallLedger({
    db,
    clock,
    log,
    replicaId: services.config.replicaId,
    heartbeatMs: tuning.heartbeatMs ?? HEARTBEAT_MS,
  });
  const troubles = new ModelTroubles(services, models, agents);
  const live = new LiveCalls(db, log, { silenceMs: tuning.silenceMs ?? 180_000, totalMs: 3_600_000 });
  const gateway = new Gateway({
    ledger,
    live,
    agents,
    log,
    limits: LIMITS,
    times: { connectMs: 10_000, firstByteMs: tuning.firstByteMs ?? 600_000 },
    onRefusal: (plan, reason, message) => troubles.refused(plan, reason, message),
  });
  const budgets = new BudgetsService(services, ledger);
  const modelDesk = new ModelDesk(services, { models, secrets, troubles, agents });
  const secretDesk = new SecretDesk(services, { secrets, models, troubles, agents, allowInternal });
  services.events.subscribe((events) => {
    for (const event of events) if (event.type === 'model.changed') models.registries.forget(event.orgId);
  });
  gatewayFeature(app, services, plans, gateway);
  budgetsFeature(app, budgets);
  usageFeature(app, services, { workspaces, ledger, registries: models.registries });
  secretsFeature(app, services, { secrets, desk: secretDesk, workspaces });
  modelsFeature(app, services, { desk: modelDesk, registries: models.registries, workspaces, allowInternal });

  const passes: (() => Promise<void>)[] = [];
  app.addHook('onReady', async () => {
    await ledger.start();
    const silentMs = tuning.silentMs ?? SILENT_MS;
    passes.push(
      every(SWEEP_INTERVAL_MS, services, 'settlement of lost calls and ended turns', () =>
        settleLost(services, new Date(clock.now().getTime() - silentMs), clock.now()),
      ),
      every(TROUBLE_INTERVAL_MS, services, 'another look at providers in trouble', () => troubles.lookAgain()),
    );
  });
  app.addHook('onClose', async () => {
    await ledger.stop();
    agents.close();
  });
  const registries = models.registries;
  return {
    tools: new ModelTools(services, { secrets, budgets, modelDesk, workspaces, ledger, registries }),
    stop: async () => void (await Promise.all(passes.map((stop) => stop()))),
  };
}

function allowsInternal(env: ModelHouseInput['env']): boolean {
  return env['MOLECULE_ALLOW_LOOPBACK_SOURCES'] === '1';
}
