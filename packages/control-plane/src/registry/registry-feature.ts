import {
  BootEventsRequest,
  DesiredState,
  EnrolReply,
  EnrolRequest,
  HeartbeatReply,
  HeartbeatRequest,
  RegisterRequest,
} from '@molecule/contracts';
import { HEARTBEAT_INTERVAL_MS } from '@molecule/domain';
import { z } from 'zod';
import { bearerOf, ownWorkspace, principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import { keepBootEvents } from './boot-events.ts';
import { type BoxSecrets, enrolBox, type Provision } from './enrol.ts';
import { Heartbeats } from './heartbeats.ts';
import { lockBox } from './lock-box.ts';
import { registerBox } from './register.ts';
import { sweepSilence } from './sweeper.ts';

const SWEEP_INTERVAL_MS = 5_000;

export interface RegistryOptions {
  /** Interval that boxes are told; silence is measured in it. */
  readonly heartbeatIntervalMs?: number;
  readonly secretsOf?: BoxSecrets;
  /** Done at each provision before the desired state is computed, e.g. model and pin (B9). */
  readonly provision?: Provision;
}

/**
 * `/api/v1/registry/…`: what a box says and is told. A box speaks only for the workspace and the boot of its token; what it says of
 * itself grants nothing (B39). `stop` ends the background passes; heartbeats not yet written are written when the server closes.
 */
export function registryFeature(
  app: App,
  services: Services,
  options: RegistryOptions = {},
): { stop(): Promise<void> } {
  const heartbeats = new Heartbeats(services);
  const stopSweeping = startSweeping(app, services, options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS);
  app.addHook('onClose', () => heartbeats.close());

  app.route({
    method: 'POST',
    url: '/api/v1/registry/enrol',
    config: { access: { scope: 'box:enrol' } },
    schema: { body: EnrolRequest, response: { 200: EnrolReply } },
    handler: async (request, reply) => {
      const answer = await services.db.transaction().execute((trx) =>
        enrolBox(services, trx, bearerOf(request), request.body, {
          secretsOf: options.secretsOf ?? (async () => ({})),
          provision: options.provision ?? (async () => undefined),
        }),
      );
      services.tokens.forget({ workspaceId: request.body.workspaceId });
      void reply.header('cache-control', 'no-store');
      return answer;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/registry/desired-state',
    config: { access: { scope: 'box:run' } },
    schema: { response: { 200: DesiredState } },
    handler: async (request) => {
      const principal = principalOf(request);
      const { bootId } = ownWorkspace(principal);
      return services.db.transaction().execute(async (trx) => {
        const row = await lockBox(trx, principal, bootId);
        return services.desired.compute(trx, row.id, bootId);
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/register',
    config: { access: { scope: 'box:run' } },
    schema: { body: RegisterRequest, response: { 200: HeartbeatReply } },
    handler: async (request) => {
      const principal = principalOf(request);
      const { reply, refusal, judged } = await services.db
        .transaction()
        .execute((trx) => registerBox(services, trx, principal, request.body));
      heartbeats.forget(judged.row.id);
      // The refusal is thrown only now: that it was refused is part of what has been stored (B80).
      if (refusal !== null) throw refusal;
      return reply;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/heartbeat',
    config: { access: { scope: 'box:run' } },
    schema: { body: HeartbeatRequest, response: { 200: HeartbeatReply } },
    handler: async (request) => heartbeats.take(principalOf(request), request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/boot-events',
    config: { access: { scope: 'box:run' } },
    schema: { body: BootEventsRequest, response: { 204: z.undefined() } },
    handler: async (request, reply) => {
      await services.db.transaction().execute((trx) => keepBootEvents(trx, principalOf(request), request.body));
      return reply.code(204).send();
    },
  });
  return { stop: stopSweeping };
}

function startSweeping(app: App, services: Services, heartbeatIntervalMs: number): () => Promise<void> {
  const interval = Math.min(SWEEP_INTERVAL_MS, heartbeatIntervalMs);
  let watchingSince = services.clock.now();
  let stop = async (): Promise<void> => {};
  app.addHook('onReady', async () => {
    stop = every(interval, services, 'sweep of silent boxes', async (afterGap) => {
      const now = services.clock.now();
      // The machine slept, or this process hung: whoever was silent meanwhile may not have been.
      if (afterGap) watchingSince = now;
      await sweepSilence(services, { heartbeatIntervalMs, watchingSince, now });
    });
  });
  return () => stop();
}
