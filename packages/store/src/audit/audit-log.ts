import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { AuditTable } from '../schema.ts';

export interface AuditEntry {
  readonly orgId: string;
  readonly actor: string;
  /** Verb of the deed, e.g. `workspace.create`, `plugin.declare`. */
  readonly action: string;
  readonly target: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

const GENESIS = Buffer.alloc(32);

/**
 * Appends one entry, chained to the one before it (B31). Runs in the caller's transaction; entries of one org are written one
 * after the other by a transaction lock, so call it last.
 * @param at time of the deed
 */
export async function appendAudit(db: Executor, entry: AuditEntry, at: Date): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('molecule.audit.' || ${entry.orgId}, 0))`.execute(db);
  const last = await db
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .where('org_id', '=', entry.orgId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const seq = (last?.seq ?? 0) + 1;
  const prev = last?.hash ?? GENESIS;
  const data = JSON.stringify(entry.data ?? {});
  await db
    .insertInto('audit')
    .values({
      org_id: entry.orgId,
      seq,
      at,
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      data,
      prev_hash: prev,
      hash: chainHash(prev, { ...entry, seq, at }),
    })
    .execute();
}

export interface AuditWitness {
  readonly seq: number;
  readonly hash: Buffer;
}

export interface AuditVerdict {
  /** Entries that follow from each other, from the first. */
  readonly entries: number;
  /** First entry whose hash does not follow from the one before it; null = the chain is whole. */
  readonly brokenAt: number | null;
  /** The newest whole entry; null = there is none. */
  readonly head: AuditWitness | null;
  /** Whether the witness is one of the whole entries; null = there was none. */
  readonly witnessFound: boolean | null;
}

/**
 * Computes the chain of an org anew, a page of entries at a time.
 * @param witness an entry that was seen earlier: only by it a log can be told from one whose end was cut off
 */
export async function verifyAudit(db: Executor, orgId: string, witness?: AuditWitness): Promise<AuditVerdict> {
  let prev: Buffer = GENESIS;
  let seq = 0;
  let witnessFound = witness === undefined ? null : false;
  const verdict = (brokenAt: number | null): AuditVerdict => ({
    entries: seq,
    brokenAt,
    head: seq === 0 ? null : { seq, hash: prev },
    witnessFound,
  });
  for (;;) {
    const rows = await listAudit(db, { orgId, after: seq, limit: 1000 });
    if (rows.length === 0) return verdict(null);
    for (const row of rows) {
      const expected = chainHash(prev, {
        orgId,
        actor: row.actor,
        action: row.action,
        target: row.target,
        data: row.data,
        seq: row.seq,
        at: row.at,
      });
      if (row.seq !== seq + 1 || !row.prev_hash.equals(prev) || !row.hash.equals(expected)) return verdict(row.seq);
      prev = row.hash;
      seq = row.seq;
      if (witness?.seq === seq) witnessFound = witness.hash.equals(prev);
    }
  }
}

export type AuditRow = Selectable<AuditTable>;

/** Entries of an org: after an entry in their order, or before one (null = the newest) backwards. */
export async function listAudit(
  db: Executor,
  query: { readonly orgId: string; readonly limit: number; readonly action?: string } & (
    | { readonly after: number }
    | { readonly before: number | null }
  ),
): Promise<readonly AuditRow[]> {
  const before = 'before' in query ? query.before : null;
  return db
    .selectFrom('audit')
    .selectAll()
    .where('org_id', '=', query.orgId)
    .$if(query.action !== undefined, (q) => q.where('action', '=', query.action ?? ''))
    .$if('after' in query, (q) => q.where('seq', '>', 'after' in query ? query.after : 0))
    .$if(before !== null, (q) => q.where('seq', '<', before ?? 0))
    .orderBy('seq', 'after' in query ? 'asc' : 'desc')
    .limit(query.limit)
    .execute();
}

function chainHash(prev: Buffer, entry: AuditEntry & { readonly seq: number; readonly at: Date }): Buffer {
  const body = [
    entry.orgId,
    entry.seq,
    entry.at.toISOString(),
    entry.actor,
    entry.action,
    entry.target,
    sortKeys(entry.data ?? {}),
  ];
  return createHash('sha256').update(prev).update(JSON.stringify(body)).digest();
}

/** jsonb does not keep the order of keys, so the hash must not depend on it. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
