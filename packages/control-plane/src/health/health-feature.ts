import { sql } from 'kysely';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Health = z.object({ status: z.literal('ok'), version: z.string(), replicaId: z.string() });
const Ready = z.object({ status: z.enum(['ready', 'not_ready']), database: z.boolean(), stopping: z.boolean() });

/** The library's own default, 10 ms, wakes the process a hundred times a second: twice what all else of an idle control plane takes. */
const LOOP_SAMPLE_MS = 500;

/** `/healthz` (the process answers), `/readyz` (it can serve: the database answers, it is not stopping), `/metrics` (Prometheus text). */
export function healthFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/healthz',
    config: { access: 'open' },
    schema: { response: { 200: Health } },
    handler: async () => ({
      status: 'ok' as const,
      version: services.config.version,
      replicaId: services.config.replicaId,
    }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'open' },
    schema: { response: { 200: Ready, 503: Ready } },
    handler: async (_request, reply) => {
      const database = await sql`select 1`.execute(services.db).then(
        () => true,
        () => false,
      );
      const stopping = services.stopping.aborted;
      const ready = database && !stopping;
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', database, stopping });
    },
  });

  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  const workspaces = new Gauge({
    name: 'molecule_workspaces',
    help: 'Workspaces by status',
    labelNames: ['status'],
    registers: [registry],
  });
  const tasks = new Gauge({
    name: 'molecule_tasks',
    help: 'Tasks that have not ended, by status',
    labelNames: ['status'],
    registers: [registry],
  });
  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: { scope: 'metrics:read' } },
    handler: async (_request, reply) => {
      const byStatus = await services.db
        .selectFrom('workspaces')
        .select(['status', (eb) => eb.fn.countAll<number>().as('n')])
        .groupBy('status')
        .execute();
      workspaces.reset();
      for (const row of byStatus) workspaces.set({ status: row.status }, Number(row.n));
      const open = await services.db
        .selectFrom('tasks')
        .select(['status', (eb) => eb.fn.countAll<number>().as('n')])
        .where('status', 'in', ['queued', 'running'])
        .groupBy('status')
        .execute();
      tasks.reset();
      for (const row of open) tasks.set({ status: row.status }, Number(row.n));
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  });
}
