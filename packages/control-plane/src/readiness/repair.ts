import { A2A_SERVER_NAME, type HeartbeatReply } from '@molecule/contracts';
import { type Executor, mintNonce } from '@molecule/store';
import type { Reassessed } from './reassess.ts';

/**
 * Decides whether the box shall render and prove again, and gives it a fresh nonce: a repair when a required capability is missing,
 * at most one in 30 s (B85, T42), else the periodic proof of witnessed servers. The time of the order is stored, so the limit holds
 * across replicas. Never a restart (I39).
 */
export async function orderProof(trx: Executor, judged: Reassessed, now: Date): Promise<HeartbeatReply['prove']> {
  const { row, verdict } = judged;
  const reason = verdict.repairDue ? 'repair' : isPeriodicDue(judged, now) ? 'periodic' : null;
  if (reason === null || row.boot_id === null) return null;
  await trx.updateTable('workspaces').set({ last_repair_at: now }).where('id', '=', row.id).execute();
  return { proofNonce: await mintProofNonce(trx, judged, row.id, row.boot_id, now), reason };
}

/** When the next periodic proof is due, in milliseconds since the epoch; infinity when nothing has to be witnessed. */
export function periodicProofAt(judged: Reassessed): number {
  if (!judged.desired.servers.some((server) => server.witnessed) || judged.row.registered_at === null)
    return Number.POSITIVE_INFINITY;
  const seen = judged.proofs
    .filter((proof) => proof.rung === 'live' && proof.witnessed)
    .map((proof) => proof.at.getTime());
  const last = Math.max(judged.row.registered_at.getTime(), judged.row.last_repair_at?.getTime() ?? 0, ...seen);
  return last + judged.desired.timing.proveIntervalMs;
}

function isPeriodicDue(judged: Reassessed, now: Date): boolean {
  return (judged.status === 'online' || judged.status === 'degraded') && now.getTime() >= periodicProofAt(judged);
}

/** Nonce for the witnessed server; a box without one still gets a nonce, which then proves nothing. */
export async function mintProofNonce(
  trx: Executor,
  judged: Pick<Reassessed, 'desired'>,
  workspaceId: string,
  bootId: string,
  now: Date,
): Promise<string> {
  const server = judged.desired.servers.find((item) => item.witnessed)?.name ?? A2A_SERVER_NAME;
  return mintNonce(trx, { workspaceId, bootId, server }, now);
}
