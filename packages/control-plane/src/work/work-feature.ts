import type { PlanCache } from '../gateway/plan-cache.ts';
import type { App } from '../kernel/app.ts';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import { boxWorkRoutes } from './box-work-routes.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { expireLeases, pruneEndedTurns } from './expire-leases.ts';
import { taskRoutes } from './task-routes.ts';

const EXPIRY_INTERVAL_MS = 2_000;
const PRUNE_INTERVAL_MS = 30_000;

/** Conversations, messages and tasks, from both sides: people's and the box's. */
export function workFeature(app: App, services: Services, plans: PlanCache): { stop(): Promise<void> } {
  conversationRoutes(app, services);
  taskRoutes(app, services);
  boxWorkRoutes(app, services, plans);
  const passes: (() => Promise<void>)[] = [];
  app.addHook('onReady', async () => {
    passes.push(
      every(EXPIRY_INTERVAL_MS, services, 'expiry of task leases', () => expireLeases(services, services.clock.now())),
      every(PRUNE_INTERVAL_MS, services, 'pruning of turn events', () =>
        pruneEndedTurns(services, services.clock.now()),
      ),
    );
  });
  return { stop: async () => void (await Promise.all(passes.map((stop) => stop()))) };
}
