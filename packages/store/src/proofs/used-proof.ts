import type { Executor } from '../executor.ts';

/** Notes that a tool of the server was called in a session of this boot, the last rung of the ladder. The first call counts; later ones write nothing. */
export async function storeUsedProof(
  db: Executor,
  use: { readonly workspaceId: string; readonly bootId: string; readonly server: string; readonly now: Date },
): Promise<void> {
  await db
    .insertInto('proofs')
    .values({
      workspace_id: use.workspaceId,
      boot_id: use.bootId,
      server: use.server,
      rung: 'used',
      ok: true,
      witnessed: true,
      reason: null,
      duration_ms: null,
      at: use.now,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'boot_id', 'server', 'rung']).doNothing())
    .execute();
}
