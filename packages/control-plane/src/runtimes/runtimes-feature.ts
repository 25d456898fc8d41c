import { FoundRuntime, pageOf } from '@molecule/contracts';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Found = z.array(FoundRuntime);
/** The path on the host's machine is nobody else's business. */
const PublicRuntime = FoundRuntime.omit({ path: true }).meta({ id: 'AvailableRuntime' });
type PublicRuntime = z.infer<typeof PublicRuntime>;

/** `GET /api/v1/runtimes`: what the org's box hosts found, each runtime once; available when any host has it. */
export function runtimesFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/runtimes',
    config: { access: { scope: 'workspaces:read' } },
    schema: { response: { 200: pageOf(PublicRuntime) } },
    handler: async (request) => {
      const hosts = await services.db
        .selectFrom('hosts')
        .select('runtimes')
        .where('org_id', '=', principalOf(request).orgId)
        .execute();
      const byId = new Map<string, PublicRuntime>();
      for (const { path: _path, ...found } of hosts.flatMap((host) => Found.safeParse(host.runtimes).data ?? [])) {
        const known = byId.get(found.runtime);
        if (known === undefined || (!known.available && found.available)) byId.set(found.runtime, found);
      }
      return {
        items: [...byId.values()].sort(
          (a, b) => Number(b.available) - Number(a.available) || a.runtime.localeCompare(b.runtime),
        ),
        nextCursor: null,
      };
    },
  });
}
