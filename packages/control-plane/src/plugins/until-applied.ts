import type { PluginProof } from '@molecule/contracts';
import { type Executor, findWorkspace, listProofs } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { untilSeen } from '../mcp/until-settled.ts';

/** Between two looks when nothing is heard: a box that only takes over files makes no event. */
const LOOK_MS = 100;

/** How far a generation has come in the box, as it is now. */
export async function pluginProof(
  db: Executor,
  orgId: string,
  workspaceId: string,
  generation: number,
  servers: readonly string[],
): Promise<PluginProof> {
  const row = await findWorkspace(db, orgId, workspaceId);
  if (row === undefined || row.boot_id === null || ['paused', 'hibernated', 'removed', 'offline'].includes(row.status))
    return { state: 'no_box', generation, problems: [] };
  if ((row.applied_generation ?? 0) < generation) return { state: 'pending', generation, problems: [] };
  const proofs = (await listProofs(db, workspaceId, row.boot_id)).filter((proof) => servers.includes(proof.server));
  const problems = proofs
    .filter((proof) => !proof.ok)
    .map((proof) => `${proof.server}: ${proof.rung} ${proof.reason ?? 'failed'}`);
  if (problems.length > 0) return { state: 'failed', generation, problems };
  const isProved = servers.every((server) =>
    proofs.some((proof) => proof.server === server && proof.rung === 'live' && proof.ok),
  );
  return { state: isProved ? 'proved' : 'pending', generation, problems: [] };
}

/** Waits until the box has taken a generation over and proved it, at most `waitMs`. */
export async function untilApplied(
  services: Services,
  orgId: string,
  workspaceId: string,
  generation: number,
  servers: readonly string[],
  waitMs: number,
  signal: AbortSignal,
): Promise<PluginProof> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = deadline - performance.now();
    const proof = await untilSeen(
      services,
      (event) => event.workspaceId === workspaceId,
      Math.max(0, Math.min(left, LOOK_MS)),
      signal,
      async (db) => {
        const value = await pluginProof(db, orgId, workspaceId, generation, servers);
        return { value, done: value.state === 'proved' || value.state === 'failed' || value.state === 'no_box' };
      },
    );
    if (proof.state !== 'pending' || left <= 0 || signal.aborted || services.stopping.aborted) return proof;
  }
}
