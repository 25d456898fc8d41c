import {
  CreatedToken,
  CreateToken,
  MoleculeError,
  PageQuery,
  pageOf,
  type Scope,
  Token,
  TokenId,
} from '@molecule/contracts';
import { appendAudit, appendEvents, listTokens, mintToken, revokeToken, type TokenRow } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import { rowCursor } from '../kernel/row-cursor.ts';
import type { Services } from '../kernel/services.ts';

/** `/api/v1/tokens`: list, create (the value is shown once), revoke. Nobody can give a token more than they have. */
export function tokensFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/tokens',
    config: { access: { scope: 'tokens:read' } },
    schema: { querystring: PageQuery, response: { 200: pageOf(Token) } },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const rows = await listTokens(services.db, principalOf(request).orgId, rowCursor(cursor), limit);
      return { items: rows.map(publicToken), nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/tokens',
    config: { access: { scope: 'tokens:write' } },
    schema: { body: CreateToken, response: { 201: CreatedToken } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const missing = request.body.scopes.find((scope) => !principal.scopes.has(scope));
      if (missing !== undefined) throw new MoleculeError('scope_missing', { params: { scope: missing } });
      const now = services.clock.now();
      const { name, scopes, expiresInSeconds } = request.body;
      const expiresAt = expiresInSeconds === undefined ? null : new Date(now.getTime() + expiresInSeconds * 1000);
      const made = await services.db.transaction().execute(async (trx) => {
        const token = await mintToken(trx, {
          orgId: principal.orgId,
          kind: 'person',
          name,
          scopes,
          expiresAt,
          userId: principal.userId,
        });
        await appendEvents(trx, [
          {
            orgId: principal.orgId,
            type: 'token.created',
            actor: principal.actor,
            data: { tokenId: token.id, name, scopes },
          },
        ]);
        await appendAudit(
          trx,
          {
            orgId: principal.orgId,
            actor: principal.actor,
            action: 'token.create',
            target: token.id,
            data: { name, scopes },
          },
          now,
        );
        const row = await trx.selectFrom('tokens').selectAll().where('id', '=', token.id).executeTakeFirstOrThrow();
        return { ...publicToken(row), value: token.value };
      });
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/tokens/:id',
    config: { access: { scope: 'tokens:write' } },
    schema: { params: z.object({ id: TokenId }), response: { 200: Token } },
    handler: async (request) => {
      const principal = principalOf(request);
      const now = services.clock.now();
      const row = await services.db.transaction().execute(async (trx) => {
        const revoked = await revokeToken(trx, principal.orgId, request.params.id, now);
        if (revoked === undefined) throw new MoleculeError('token_invalid');
        await appendEvents(trx, [
          { orgId: principal.orgId, type: 'token.revoked', actor: principal.actor, data: { tokenId: revoked.id } },
        ]);
        await appendAudit(
          trx,
          { orgId: principal.orgId, actor: principal.actor, action: 'token.revoke', target: revoked.id },
          now,
        );
        return revoked;
      });
      services.tokens.forget({ tokenId: row.id });
      return publicToken(row);
    },
  });
}

function publicToken(row: TokenRow): Token {
  return {
    id: row.id as Token['id'], // uuid column
    name: row.name,
    kind: row.kind,
    scopes: row.scopes as Scope[], // written only by mintToken
    workspaceId: row.workspace_id as Token['workspaceId'], // uuid column
    preview: row.preview,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
