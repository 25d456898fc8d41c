import { MoleculeError, type Scope } from '@molecule/contracts';
import { appendAudit } from '@molecule/store';
import type { FastifyRequest } from 'fastify';
import { checkCsrf, readCookie, SESSION_COOKIE } from '../auth/session-cookie.ts';
import type { App } from './app.ts';
import type { Principal } from './principal.ts';
import type { Services } from './services.ts';

/** Longest name or id that is kept of what somebody named. */
const MOST_OF_TARGET = 200;

/** What a route demands. `open` routes are few and named in a test. */
export type RouteAccess = 'open' | { readonly scope: Scope } | { readonly anyScope: readonly Scope[] };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Name in the audit log of an attempt by somebody who lacks the scope; absent = it is not on record. */
    refusal?: string;
  }
  interface FastifyRequest {
    /** Set on every route that is not open. Read it with `principalOf`. */
    principal: Principal | null;
  }
}

/**
 * Default deny: a route that declares no access cannot be registered, and every other one checks the token's scope before
 * the body is parsed.
 */
export function installAccess(app: App, services: Services): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined)
      throw new Error(`route ${String(route.method)} ${route.url} declares no access`);
  });
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access;
    if (request.is404 || access === 'open') return;
    const principal = await services.tokens.verify(bearerOf(request));
    const wanted = access === undefined ? [] : 'scope' in access ? [access.scope] : access.anyScope;
    if (!wanted.some((scope) => principal.scopes.has(scope))) {
      await recordRefusal(services, request, principal, wanted);
      throw new MoleculeError('scope_missing', { params: { scope: wanted.join(' or ') } });
    }
    request.principal = principal;
  });
}

async function recordRefusal(
  { db, clock }: Services,
  request: FastifyRequest,
  { orgId, actor }: Principal,
  scopes: readonly Scope[],
): Promise<void> {
  const { refusal, url } = request.routeOptions.config;
  if (refusal === undefined) return;
  const { id } = request.params as { id?: unknown }; // not validated yet
  const target = typeof id === 'string' ? id.slice(0, MOST_OF_TARGET) : null;
  const data = { attempted: `${request.method} ${url}`, code: 'scope_missing', scope: scopes.join(' or ') };
  await db
    .transaction()
    .execute((trx) => appendAudit(trx, { orgId, actor, action: refusal, target, data }, clock.now()));
}

/** The verified caller. Throws when the route is open, which is a programming error. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error('the route is open: it has no principal');
  return request.principal;
}

/** A box token may speak only for its own workspace. @throws MoleculeError `token_other_workspace` */
export function ownWorkspace(principal: Principal): { readonly workspaceId: string; readonly bootId: string } {
  if (principal.workspaceId === null || principal.bootId === null) throw new MoleculeError('token_other_workspace');
  return { workspaceId: principal.workspaceId, bootId: principal.bootId };
}

/** The token of a request: as bearer, where model clients put theirs (`x-api-key`, `x-goog-api-key`), or the session cookie of our own page. */
export function bearerOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const match = /^Bearer +(\S+)$/i.exec(header);
    if (match?.[1] === undefined) throw new MoleculeError('token_missing');
    return match[1];
  }
  for (const name of ['x-api-key', 'x-goog-api-key'] as const) {
    const value = request.headers[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  const session = readCookie(request.headers, SESSION_COOKIE);
  if (session === undefined) throw new MoleculeError('token_missing');
  checkCsrf(request.method, request.headers, session);
  return session;
}
