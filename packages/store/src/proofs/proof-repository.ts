import type { Proof, Rung } from '@molecule/contracts';
import type { StoredProof } from '@molecule/domain';
import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

export interface ProofRow extends StoredProof {
  readonly durationMs: number | null;
}

/** The ladder of one boot. */
export async function listProofs(db: Executor, workspaceId: string, bootId: string): Promise<readonly ProofRow[]> {
  const rows = await db
    .selectFrom('proofs')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('boot_id', '=', bootId)
    .execute();
  return rows.map((row) => ({
    server: row.server,
    rung: row.rung as Rung,
    ok: row.ok,
    witnessed: row.witnessed,
    reason: row.reason,
    evidence: row.evidence,
    at: row.at,
    durationMs: row.duration_ms,
  })); // rung: check constraint of the table
}

/**
 * Stores what a box says of its ladder; the last word for a rung counts. A claim never replaces what the control plane
 * saw: a box can lower its own standing, not raise it (B39, T23). Returns the proofs whose verdict is new, for the history.
 */
export async function reportProofs(
  trx: Executor,
  workspaceId: string,
  bootId: string,
  proofs: readonly Proof[],
  now: Date,
): Promise<readonly Proof[]> {
  // One statement cannot touch a row twice: of several words for one rung the last counts.
  const last = [...new Map(proofs.map((proof) => [`${proof.server}\n${proof.rung}`, proof])).values()];
  if (last.length === 0) return [];
  const changed = await sql<{ server: string; rung: string }>`
    with given as (
      select * from unnest(${last.map((proof) => proof.server)}::text[], ${last.map((proof) => proof.rung)}::text[], ${last.map((proof) => proof.ok)}::boolean[],
        ${last.map((proof) => proof.reason)}::text[], ${last.map((proof) => JSON.stringify(proof.evidence))}::jsonb[], ${last.map((proof) => proof.durationMs)}::float8[])
        as g(server, rung, ok, reason, evidence, duration_ms)),
    before as (select server, rung, ok, reason from proofs where workspace_id = ${workspaceId} and boot_id = ${bootId}),
    written as (
      insert into proofs (workspace_id, boot_id, server, rung, ok, witnessed, reason, evidence, duration_ms, at)
      select ${workspaceId}::uuid, ${bootId}::uuid, server, rung, ok, false, reason, evidence, duration_ms, ${now}::timestamptz from given
      on conflict (workspace_id, boot_id, server, rung) do update
        set ok = excluded.ok, witnessed = false, reason = excluded.reason, evidence = excluded.evidence, duration_ms = excluded.duration_ms, at = excluded.at
        where not (proofs.witnessed and proofs.ok and excluded.ok)
      returning server, rung, ok, reason)
    select w.server, w.rung from written w left join before b using (server, rung) where b.ok is distinct from w.ok or b.reason is distinct from w.reason`.execute(
    trx,
  );
  const names = new Set(changed.rows.map((row) => `${row.server}\n${row.rung}`));
  return last.filter((proof) => names.has(`${proof.server}\n${proof.rung}`));
}

export interface WitnessedLive {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly server: string;
  readonly tools: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly durationMs: number | null;
  readonly now: Date;
}

/** Stores that the control plane itself saw the server live with these tools. The only writer of `witnessed`. */
export async function storeWitnessedLive(trx: Executor, proof: WitnessedLive): Promise<void> {
  const values = {
    ok: true,
    witnessed: true,
    reason: null,
    evidence: JSON.stringify({ ...proof.evidence, tools: proof.tools }),
    duration_ms: proof.durationMs,
    at: proof.now,
  };
  await trx
    .insertInto('proofs')
    .values({ workspace_id: proof.workspaceId, boot_id: proof.bootId, server: proof.server, rung: 'live', ...values })
    .onConflict((oc) => oc.columns(['workspace_id', 'boot_id', 'server', 'rung']).doUpdateSet(values))
    .execute();
}
