import { InboxItem, pageOf } from '@molecule/contracts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { AllowlistService } from '../plugins/allowlist-service.ts';
import { contestedDrift, exhaustedBudgets, heldTools, plannedUpdates } from './open-matters.ts';

/** `GET /api/v1/inbox`: everything that waits for a person, what holds work up first. Computed from what is stored: an entry goes when its matter is settled. */
export function inboxFeature(app: App, services: Services, allowlist: AllowlistService): void {
  app.route({
    method: 'GET',
    url: '/api/v1/inbox',
    config: { access: { scope: 'org:read' } },
    schema: { response: { 200: pageOf(InboxItem) } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      const { db, clock } = services;
      const [held, updates, drift, budgets, { violations }] = await Promise.all([
        heldTools(db, orgId),
        plannedUpdates(db, orgId),
        contestedDrift(db, orgId),
        exhaustedBudgets(db, orgId, clock.now()),
        allowlist.get(db, orgId),
      ]);
      const forbidden = violations.map(
        ({ workspaceId, plugin, source }): InboxItem => ({
          id: `allowlist:${workspaceId}:${plugin}`,
          kind: 'allowlist_violation',
          blocks: false,
          workspaceId: workspaceId as InboxItem['workspaceId'], // uuid column
          subject: plugin,
          message: `The plugin ${plugin} (${source}) is installed, and the allowlist no longer permits it.`,
          nextStep: 'Uninstall it, or permit its source.',
          since: null,
        }),
      );
      const items = [...held, ...budgets, ...drift, ...updates, ...forbidden];
      return {
        items: items.toSorted(
          (a, b) => Number(b.blocks) - Number(a.blocks) || (b.since ?? '').localeCompare(a.since ?? ''),
        ),
        nextCursor: null,
      };
    },
  });
}
