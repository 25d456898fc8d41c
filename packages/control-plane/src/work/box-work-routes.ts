import {
  Lease,
  LeaseRequest,
  TaskEventsReply,
  TaskEventsRequest,
  TaskId,
  TaskResultReply,
  TaskResultRequest,
} from '@molecule/contracts';
import { z } from 'zod';
import type { PlanCache } from '../gateway/plan-cache.ts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { leaseWork } from './lease-work.ts';
import { takeTaskEvents } from './take-events.ts';
import { takeTaskResult } from './take-result.ts';

const Params = z.object({ id: TaskId });
const ACCESS = { access: { scope: 'box:run' } } as const;

/** `/api/v1/registry/tasks/…`: how a box gets work and gives account of it. */
export function boxWorkRoutes(app: App, services: Services, plans: PlanCache): void {
  app.route({
    method: 'POST',
    url: '/api/v1/registry/tasks/lease',
    config: ACCESS,
    schema: { body: LeaseRequest, response: { 200: Lease, 204: z.undefined() } },
    handler: async (request, reply) => {
      const lease = await leaseWork(services, plans, principalOf(request), request.body.bootId);
      return lease === null ? reply.code(204).send() : reply.code(200).send(lease);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/tasks/:id/events',
    config: ACCESS,
    schema: { params: Params, body: TaskEventsRequest, response: { 200: TaskEventsReply } },
    handler: (request) =>
      takeTaskEvents(services.db, principalOf(request), request.params.id, request.body, services.clock.now()),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/tasks/:id/result',
    config: ACCESS,
    schema: { params: Params, body: TaskResultRequest, response: { 200: TaskResultReply } },
    handler: async (request) => {
      const principal = principalOf(request);
      const { next: isFree = false, ...result } = request.body;
      const { accepted, status, more } = await services.db
        .transaction()
        .execute((trx) => takeTaskResult(trx, principal, request.params.id, result, services.clock.now()));
      const next = isFree && more ? await leaseWork(services, plans, principal, result.bootId) : null;
      return { accepted, status, next };
    },
  });
}
