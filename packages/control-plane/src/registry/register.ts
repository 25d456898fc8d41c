import { type HeartbeatReply, MoleculeError, type RegisterRequest, type SelfReport } from '@molecule/contracts';
import { kindOf, mayClaimKind } from '@molecule/domain';
import { applyTransition, type Executor, hasWork } from '@molecule/store';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { type Reassessed, reassess } from '../readiness/reassess.ts';
import { orderProof } from '../readiness/repair.ts';
import { keepDiagnosis } from './boot-events.ts';
import { keepProofs } from './keep-proofs.ts';
import { lockBox } from './lock-box.ts';
import { selfReportOf } from './self-report.ts';

export interface Registered {
  readonly reply: HeartbeatReply;
  /** Set when the gate refuses: to be thrown after the transaction has committed, since the refusal itself is stored (B80). */
  readonly refusal: MoleculeError | null;
  readonly judged: Reassessed;
}

/**
 * Takes a box's registration: what it is, what it says of itself, what it can prove. Never promotes by itself (B94): the verdict over
 * what is stored does.
 * @throws MoleculeError `kind_forbidden` for a claim of `platform` by a row that is not (B4, T15), `boot_superseded`
 */
export async function registerBox(
  services: Services,
  trx: Executor,
  principal: Principal,
  request: RegisterRequest,
): Promise<Registered> {
  const now = services.clock.now();
  const row = await lockBox(trx, principal, request.bootId);
  if (!mayClaimKind(request.kind, kindOf(row.kind))) throw new MoleculeError('kind_forbidden');
  await trx
    .updateTable('workspaces')
    .set({
      registered_at: row.registered_at ?? now,
      last_heartbeat_at: now,
      self_report: JSON.stringify(selfReportOf(request)),
      applied_generation: request.generation,
      runtime_version: request.runtimeVersion,
      ...(request.isolation === undefined ? {} : { isolation: JSON.stringify(request.isolation) }),
    })
    .where('id', '=', row.id)
    .execute();
  await keepProofs(services, trx, row, request.proofs, now);
  await keepDiagnosis(services, trx, row, request.platform_mcp_diag, (row.self_report as SelfReport).platform_mcp_diag);
  if (row.status === 'offline')
    await applyTransition(trx, row.id, 'registered_unable', { reason: null, actor: principal.actor, now });
  const judged = await reassess(services, trx, row.id, principal.actor);
  if (judged === undefined) throw new MoleculeError('boot_superseded');
  const refusal = refusalOf(judged);
  // A refusal has no room for an order: the next heartbeat brings it, and must not find the repair used up.
  const prove = refusal === null ? await orderProof(trx, judged, now) : null;
  const reply = {
    status: judged.status,
    generation: judged.row.generation,
    stop: null,
    prove,
    work: await hasWork(trx, row.id),
  };
  return { reply, refusal, judged };
}

function refusalOf({ verdict }: Reassessed): MoleculeError | null {
  if (verdict.gate === null || verdict.gate.code === 'required_server_failed') return null;
  return new MoleculeError(verdict.gate.code, { params: { detail: verdict.gate.detail } });
}
