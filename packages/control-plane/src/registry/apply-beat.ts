import { type HeartbeatReply, type HeartbeatRequest, MoleculeError, type SelfReport } from '@molecule/contracts';
import { type Executor, hasWork, renewLeases, TASK_LEASE_MS, writeBeats } from '@molecule/store';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { type Reassessed, reassess } from '../readiness/reassess.ts';
import { orderProof } from '../readiness/repair.ts';
import { keepDiagnosis } from './boot-events.ts';
import { keepProofs } from './keep-proofs.ts';
import { lockBox } from './lock-box.ts';
import { selfReportOf } from './self-report.ts';
import { stopOf } from './stop-of.ts';

export interface AppliedBeat {
  readonly reply: HeartbeatReply;
  readonly judged: Reassessed;
  /** Digest of the report as stored, see `BeatRow.reportDigest`. */
  readonly reportDigest: string;
}

/**
 * The thorough way of a heartbeat, in one transaction: stores report and proofs, judges the workspace anew, renews the lease of the
 * attempt in progress, and orders a repair when one is due. The gate's refusal is part of the answer, not an error: a box that
 * is refused must keep beating to recover (B81, B85).
 */
export async function applyBeat(
  services: Services,
  trx: Executor,
  principal: Principal,
  beat: HeartbeatRequest,
): Promise<AppliedBeat> {
  const now = services.clock.now();
  const running = beat.running ?? null;
  // Task before workspace: a tool call of the same agent holds its task while it changes a workspace, maybe this one.
  const leases = await renewLeases(
    trx,
    running === null ? [] : [{ ...running, bootId: beat.bootId, leaseUntil: new Date(now.getTime() + TASK_LEASE_MS) }],
  );
  const row = await lockBox(trx, principal, beat.bootId);
  const change = { report: selfReportOf(beat), generation: beat.generation };
  const written = (
    await writeBeats(trx, [{ workspaceId: row.id, bootId: row.boot_id, at: now, change, running: null }])
  ).get(row.id);
  // A box whose registration got lost says the same with its beats (B79).
  if (row.registered_at === null)
    await trx.updateTable('workspaces').set({ registered_at: now }).where('id', '=', row.id).execute();
  await keepProofs(services, trx, row, beat.proofs ?? [], now);
  await keepDiagnosis(services, trx, row, beat.platform_mcp_diag, (row.self_report as SelfReport).platform_mcp_diag); // parsed by the routes that store it
  const judged = await reassess(services, trx, row.id, principal.actor);
  if (judged === undefined || written === undefined) throw new MoleculeError('boot_superseded');
  const prove = await orderProof(trx, judged, now);
  const reply = {
    status: judged.status,
    generation: judged.row.generation,
    stop: stopOf(running, leases),
    prove,
    work: await hasWork(trx, row.id),
  };
  return { reply, judged, reportDigest: written.reportDigest };
}
