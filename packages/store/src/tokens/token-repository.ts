import { newId, type Scope, type TokenKind } from '@molecule/contracts';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { TokensTable } from '../schema.ts';
import { hashToken, newTokenValue } from './token-value.ts';

export type TokenRow = Selectable<TokensTable>;

export interface MintToken {
  readonly orgId: string;
  readonly kind: TokenKind;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: Date | null;
  readonly userId?: string | null;
  /** For tokens bound to one boot of one workspace. */
  readonly box?: {
    readonly workspaceId: string;
    readonly workspaceKind: 'workspace' | 'platform';
    readonly bootId: string;
  };
}

/**
 * Makes a token and returns its value, this once. The database refuses a management token for an ordinary workspace (B36).
 */
export async function mintToken(
  db: Executor,
  token: MintToken,
): Promise<{ readonly id: string; readonly value: string }> {
  const secret = newTokenValue(token.kind);
  const id = newId();
  await db
    .insertInto('tokens')
    .values({
      id,
      org_id: token.orgId,
      name: token.name,
      kind: token.kind,
      hash: secret.hash,
      preview: secret.preview,
      scopes: [...token.scopes],
      user_id: token.userId ?? null,
      workspace_id: token.box?.workspaceId ?? null,
      workspace_kind: token.box?.workspaceKind ?? null,
      boot_id: token.box?.bootId ?? null,
      expires_at: token.expiresAt ?? null,
    })
    .execute();
  return { id, value: secret.value };
}

/** The row of a token value, whatever its state; undefined when it is unknown. */
export async function findToken(db: Executor, value: string): Promise<TokenRow | undefined> {
  return db.selectFrom('tokens').selectAll().where('hash', '=', hashToken(value)).executeTakeFirst();
}

/**
 * Uses up a one-time token: of any number of simultaneous calls exactly one gets the row.
 * @param now time at which it is used; expired and revoked tokens give undefined
 */
export async function consumeToken(
  db: Executor,
  value: string,
  kind: TokenKind,
  now: Date,
): Promise<TokenRow | undefined> {
  return db
    .updateTable('tokens')
    .set({ used_at: now, last_used_at: now, revoked_at: now })
    .where('hash', '=', hashToken(value))
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .returningAll()
    .executeTakeFirst();
}

/** Revokes every live token of a workspace, except those of one boot when it is given. Returns the hashes, so that caches can forget them. */
export async function revokeWorkspaceTokens(
  db: Executor,
  workspaceId: string,
  now: Date,
  exceptBootId?: string,
): Promise<readonly Buffer[]> {
  const rows = await db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('workspace_id', '=', workspaceId)
    .where('revoked_at', 'is', null)
    .$if(exceptBootId !== undefined, (q) => q.where(sql<boolean>`boot_id is distinct from ${exceptBootId}`))
    .returning('hash')
    .execute();
  return rows.map((row) => row.hash);
}

/** Revokes one token of an org; undefined when it is not there or was revoked before. */
export async function revokeToken(db: Executor, orgId: string, id: string, now: Date): Promise<TokenRow | undefined> {
  return db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** Tokens that people made or may want to see, newest first. */
export async function listTokens(
  db: Executor,
  orgId: string,
  before: string | undefined,
  limit: number,
): Promise<readonly TokenRow[]> {
  return db
    .selectFrom('tokens')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('kind', 'in', ['owner', 'person', 'host', 'management', 'box', 'session'])
    .$if(before !== undefined, (q) => q.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Writes the times of last use in one statement. Tokens that somebody else is changing are left out: a time of use is worth no wait, and no deadlock. */
export async function touchTokens(db: Executor, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update tokens set last_used_at = ${at}
    where id in (select id from tokens where id = any (${ids}::uuid[]) for no key update skip locked)`.execute(db);
}
