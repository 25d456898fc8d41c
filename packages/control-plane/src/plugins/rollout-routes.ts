import { PlanRollout, pageOf, Rollout } from '@molecule/contracts';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { Rollouts } from './rollouts.ts';

const Params = z.object({ id: z.uuid() });

/** `/api/v1/rollouts`: a plan is made and read first, then started. */
export function rolloutRoutes(app: App, services: Services, rollouts: Rollouts): void {
  app.route({
    method: 'GET',
    url: '/api/v1/rollouts',
    config: { access: { scope: 'plugins:read' } },
    schema: { response: { 200: pageOf(Rollout) } },
    handler: async (request) => ({ items: await rollouts.list(principalOf(request).orgId), nextCursor: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/rollouts',
    config: { access: { scope: 'org:write' } },
    schema: { body: PlanRollout, response: { 201: Rollout } },
    handler: async (request, reply) => reply.code(201).send(await rollouts.plan(request.body, principalOf(request))),
  });

  for (const verb of ['start', 'cancel'] as const) {
    app.route({
      method: 'POST',
      url: `/api/v1/rollouts/:id/${verb}`,
      config: { access: { scope: 'org:write' } },
      schema: { params: Params, response: { 200: Rollout } },
      handler: async (request) => {
        const { id } = request.params;
        const deed = principalOf(request);
        return services.db
          .transaction()
          .execute((trx) => (verb === 'start' ? rollouts.begin(trx, id, deed) : rollouts.cancel(trx, id, deed)));
      },
    });
  }
}
