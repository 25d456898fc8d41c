import { MoleculeError } from '@molecule/contracts';
import { appendEvents, consumeNonce, type Executor, lockWorkspace, storeWitnessedLive } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { reassess } from './reassess.ts';

export interface WitnessedProof {
  /** From the token that came with the launcher's request, never from its body. */
  readonly workspaceId: string;
  readonly bootId: string;
  /** Name of the server that answered, e.g. `molecule-platform`. */
  readonly server: string;
  /** What the launcher presented. */
  readonly nonce: string;
  /** Tools that this server gave out in the session under proof. */
  readonly tools: readonly string[];
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly durationMs?: number | null;
}

/**
 * Records that the control plane itself saw a launcher of this boot, started the way its runtime starts it, speak to `/mcp`: uses
 * the nonce up, writes `live` as witnessed, and judges the workspace anew, which may turn it online (design 5, B39, T23).
 * @throws MoleculeError `proof_nonce_invalid`, also for a nonce of another boot or server; `boot_superseded`
 */
export async function recordWitnessedProof(
  services: Services,
  trx: Executor,
  proof: WitnessedProof,
): Promise<{ readonly status: string }> {
  const now = services.clock.now();
  const row = await lockWorkspace(trx, proof.workspaceId);
  if (row === undefined || row.boot_id !== proof.bootId) throw new MoleculeError('boot_superseded');
  const binding = { workspaceId: proof.workspaceId, bootId: proof.bootId, server: proof.server };
  if (!(await consumeNonce(trx, proof.nonce, binding, now))) throw new MoleculeError('proof_nonce_invalid');
  await storeWitnessedLive(trx, {
    ...binding,
    tools: proof.tools,
    evidence: proof.evidence ?? {},
    durationMs: proof.durationMs ?? null,
    now,
  });
  await appendEvents(trx, [
    {
      orgId: row.org_id,
      workspaceId: row.id,
      type: 'proof.passed',
      actor: `box:${row.id}`,
      data: { server: proof.server, rung: 'live', witnessed: true, tools: proof.tools.length },
    },
  ]);
  const judged = await reassess(services, trx, proof.workspaceId, `box:${row.id}`);
  return { status: judged?.status ?? row.status };
}
