import { MoleculeError, type Scope } from '@molecule/contracts';
import { type Executor, findToken, hashToken, type TokenRow, touchTokens } from '@molecule/store';
import type { Clock } from './clock.ts';
import type { Principal } from './principal.ts';

/** How long a verified token is believed without asking the database again; a revocation is announced by an event and ends it at once. */
const TTL_MS = 5_000;
/**
 * The same for the token of a box, which beats every 30 s: asked each time, 10,000 boxes would cost 330 look-ups a second. Its rights are few, and
 * every change that a box makes is checked against the present boot in its row as well.
 */
const BOX_TTL_MS = 10 * 60_000;
const MAX_ENTRIES = 50_000;
/** Times of last use are written together, this often. */
const TOUCH_INTERVAL_MS = 5_000;

interface Entry {
  readonly row: TokenRow;
  readonly principal: Principal;
  readonly until: number;
}

/**
 * Verifies tokens. State: verified tokens by hash (bounded, short-lived) and the ids used since the last write of `last_used_at`.
 * A crash loses only times of last use.
 */
export class TokenCache {
  readonly #db: Executor;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #used = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(db: Executor, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#timer = setInterval(() => void this.flush(), TOUCH_INTERVAL_MS);
    this.#timer.unref();
  }

  /** @throws MoleculeError `token_invalid`, `token_expired`, `token_revoked` */
  async verify(value: string): Promise<Principal> {
    const key = hashToken(value).toString('base64');
    const now = this.#clock.now();
    const cached = this.#entries.get(key);
    if (cached !== undefined && cached.until > now.getTime()) {
      checkLive(cached.row, now);
      this.#used.add(cached.row.id);
      return cached.principal;
    }
    const row = await findToken(this.#db, value);
    if (row === undefined) throw new MoleculeError('token_invalid');
    checkLive(row, now);
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    const principal = principalOf(row);
    this.#entries.set(key, { row, principal, until: now.getTime() + (row.kind === 'box' ? BOX_TTL_MS : TTL_MS) });
    this.#used.add(row.id);
    return principal;
  }

  /** Forgets a token, or all tokens of a workspace; called when an event says that they were revoked. */
  forget(match: { readonly tokenId?: string; readonly workspaceId?: string }): void {
    for (const [key, entry] of this.#entries) {
      if (
        entry.row.id === match.tokenId ||
        (match.workspaceId !== undefined && entry.row.workspace_id === match.workspaceId)
      )
        this.#entries.delete(key);
    }
  }

  async flush(): Promise<void> {
    const ids = [...this.#used];
    this.#used.clear();
    await touchTokens(this.#db, ids, this.#clock.now()).catch(() => undefined); // a lost time of use harms nobody
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}

function checkLive(row: TokenRow, now: Date): void {
  if (row.revoked_at !== null) throw new MoleculeError('token_revoked');
  if (row.expires_at !== null && row.expires_at <= now)
    throw new MoleculeError('token_expired', { params: { expiredAt: row.expires_at.toISOString() } });
}

function principalOf(row: TokenRow): Principal {
  return {
    tokenId: row.id,
    orgId: row.org_id,
    kind: row.kind,
    scopes: new Set(row.scopes as Scope[]), // written only by mintToken, which takes Scope
    userId: row.user_id,
    workspaceId: row.workspace_id,
    workspaceKind: row.workspace_kind as 'workspace' | 'platform' | null, // foreign key to workspaces.kind
    bootId: row.boot_id,
    actor: actorOf(row),
  };
}

function actorOf(row: TokenRow): string {
  if (row.workspace_id !== null) return `box:${row.workspace_id}`;
  if (row.user_id !== null) return `user:${row.user_id}`;
  return row.kind === 'host' ? `host:${row.id}` : `token:${row.id}`;
}
