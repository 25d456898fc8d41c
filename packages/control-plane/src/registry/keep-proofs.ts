import type { Proof } from '@molecule/contracts';
import { appendEvents, type Executor, reportProofs, type WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';

/** Stores what a box says of its ladder, and tells the history about each verdict that is new. */
export async function keepProofs(
  services: Pick<Services, 'toolPins'>,
  trx: Executor,
  row: WorkspaceRow & { readonly boot_id: string },
  proofs: readonly Proof[],
  now: Date,
): Promise<void> {
  await services.toolPins.observe(trx, row, proofs, now);
  const changed = await reportProofs(trx, row.id, row.boot_id, proofs, now);
  await appendEvents(
    trx,
    changed.map((proof) => ({
      orgId: row.org_id,
      workspaceId: row.id,
      type: proof.ok ? ('proof.passed' as const) : ('proof.failed' as const),
      actor: `box:${row.id}`,
      data: { server: proof.server, rung: proof.rung, witnessed: false, reason: proof.reason },
    })),
  );
}
