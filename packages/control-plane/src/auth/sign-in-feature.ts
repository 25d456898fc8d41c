import { isMoleculeError, MoleculeError } from '@molecule/contracts';
import { appendAudit, appendEvents, consumeToken, mintToken, revokeToken } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { scopesOfRole } from './scopes-of-role.ts';
import { endedCookies, SESSION_LIFE_MS, sessionCookies } from './session-cookie.ts';

const SIGN_IN_LIFE_MS = 3600_000;

/** Makes a one-time sign-in link for a user; its token works once, within an hour. */
export async function mintSignIn(services: Services, orgId: string, userId: string, baseUrl: string): Promise<string> {
  const expiresAt = new Date(services.clock.now().getTime() + SIGN_IN_LIFE_MS);
  const { value } = await mintToken(services.db, {
    orgId,
    kind: 'sign_in',
    name: 'sign-in link',
    scopes: [],
    userId,
    expiresAt,
  });
  // In the fragment it would never reach the server; as a query it is used up by the first request and worthless in a log.
  return `${baseUrl}/sign-in?token=${value}`;
}

/** `/sign-in` (uses the link up, starts a session), a new link for oneself, `/api/v1/session` (who am I), sign out here and everywhere. */
export function signInFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/sign-in',
    config: { access: 'open' },
    schema: { querystring: z.object({ token: z.string().max(200) }) },
    errorHandler: (error, request, reply) => {
      // A person with a used link gets the page that says what to do, a program the problem document.
      const forPerson =
        isMoleculeError(error, 'sign_in_link_used') &&
        services.config.canvasDir !== null &&
        request.headers.accept?.includes('text/html') === true;
      if (!forPerson) throw error;
      void reply.redirect('/?link=used', 303);
    },
    handler: async (request, reply) => {
      const now = services.clock.now();
      const session = await services.db.transaction().execute(async (trx) => {
        const used = await consumeToken(trx, request.query.token, 'sign_in', now);
        if (used === undefined || used.user_id === null) throw new MoleculeError('sign_in_link_used');
        const user = await trx
          .selectFrom('users')
          .select(['role', 'name'])
          .where('id', '=', used.user_id)
          .executeTakeFirstOrThrow();
        const expiresAt = new Date(now.getTime() + SESSION_LIFE_MS);
        await appendAudit(
          trx,
          { orgId: used.org_id, actor: `user:${used.user_id}`, action: 'session.start', target: used.user_id },
          now,
        );
        return mintToken(trx, {
          orgId: used.org_id,
          kind: 'session',
          name: `session of ${user.name}`,
          scopes: scopesOfRole(user.role),
          userId: used.user_id,
          expiresAt,
        });
      });
      const cookies = sessionCookies(session.value, request.protocol === 'https');
      return reply
        .header('set-cookie', [...cookies])
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .redirect('/', 303);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/session',
    config: { access: { scope: 'org:read' } },
    schema: {
      response: {
        200: z.object({
          orgId: z.string(),
          userId: z.string().nullable(),
          kind: z.string(),
          scopes: z.array(z.string()),
        }),
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      return { orgId: principal.orgId, userId: principal.userId, kind: principal.kind, scopes: [...principal.scopes] };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/session/sign-in-link',
    config: { access: { scope: 'tokens:write' } },
    schema: { body: z.object({}).strict(), response: { 200: z.object({ signInUrl: z.string() }) } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      if (principal.userId === null) throw new MoleculeError('scope_missing', { params: { scope: 'of a person' } });
      const { role } = await services.db
        .selectFrom('users')
        .select('role')
        .where('id', '=', principal.userId)
        .executeTakeFirstOrThrow();
      // The session will have all that its person may do, so a narrower token of theirs must not open one.
      const missing = scopesOfRole(role).find((scope) => !principal.scopes.has(scope));
      if (missing !== undefined) throw new MoleculeError('scope_missing', { params: { scope: missing } });
      const base = `${request.protocol}://${request.headers.host ?? 'localhost'}`;
      void reply.header('cache-control', 'no-store');
      return { signInUrl: await mintSignIn(services, principal.orgId, principal.userId, base) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/session/sign-out',
    config: { access: { scope: 'org:read' } },
    schema: {
      body: z.object({ everywhere: z.boolean().default(false) }).strict(),
      response: { 200: z.object({ ended: z.int() }) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const now = services.clock.now();
      const ended = await services.db.transaction().execute(async (trx) => {
        const ids =
          request.body.everywhere && principal.userId !== null
            ? (
                await trx
                  .selectFrom('tokens')
                  .select('id')
                  .where('user_id', '=', principal.userId)
                  .where('kind', '=', 'session')
                  .where('revoked_at', 'is', null)
                  .execute()
              ).map((row) => row.id)
            : [principal.tokenId];
        for (const id of ids) await revokeToken(trx, principal.orgId, id, now);
        // Other replicas and open streams hear of it.
        await appendEvents(
          trx,
          ids.map((tokenId) => ({
            orgId: principal.orgId,
            type: 'token.revoked' as const,
            actor: principal.actor,
            data: { tokenId },
          })),
        );
        return ids;
      });
      for (const tokenId of ended) services.tokens.forget({ tokenId });
      return reply.header('set-cookie', [...endedCookies()]).send({ ended: ended.length });
    },
  });
}
