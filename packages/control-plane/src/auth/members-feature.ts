import { Member, pageOf } from '@molecule/contracts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

/** `GET /api/v1/members`: who belongs to the org, and the browsers in which they are signed in. */
export function membersFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/members',
    config: { access: { scope: 'tokens:read' } },
    schema: { response: { 200: pageOf(Member) } },
    handler: async (request) => {
      const principal = principalOf(request);
      const now = services.clock.now();
      const [users, sessions] = await Promise.all([
        services.db.selectFrom('users').selectAll().where('org_id', '=', principal.orgId).orderBy('id').execute(),
        services.db
          .selectFrom('tokens')
          .select(['id', 'user_id', 'created_at', 'last_used_at', 'expires_at'])
          .where('org_id', '=', principal.orgId)
          .where('kind', '=', 'session')
          .where('revoked_at', 'is', null)
          .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
          .orderBy('id', 'desc')
          .limit(500)
          .execute(),
      ]);
      return {
        items: users.map((user) => ({
          id: user.id as Member['id'], // uuid column
          name: user.name,
          role: user.role,
          createdAt: user.created_at.toISOString(),
          sessions: sessions
            .filter((each) => each.user_id === user.id)
            .map((each) => ({
              id: each.id,
              createdAt: each.created_at.toISOString(),
              lastUsedAt: each.last_used_at?.toISOString() ?? null,
              expiresAt: each.expires_at?.toISOString() ?? null,
              current: each.id === principal.tokenId,
            })),
        })),
        nextCursor: null,
      };
    },
  });
}
