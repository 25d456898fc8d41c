import { MoleculeError } from '@molecule/contracts';
import { type Executor, lockWorkspace, type WorkspaceRow } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';

/**
 * The row of the workspace that a box token speaks for, held for the transaction, provided the boot it speaks for is the
 * present one.
 * @param claimedBoot the boot that the body names; it must be the token's
 * @throws MoleculeError `workspace_not_found`, `workspace_removed`, `boot_superseded`, `token_other_workspace`
 */
export async function lockBox(
  trx: Executor,
  principal: Principal,
  claimedBoot: string,
): Promise<WorkspaceRow & { readonly boot_id: string }> {
  const own = ownWorkspace(principal);
  const row = await lockWorkspace(trx, own.workspaceId);
  if (row === undefined || row.org_id !== principal.orgId)
    throw new MoleculeError('workspace_not_found', { params: { workspace: own.workspaceId } });
  if (row.status === 'removed') throw new MoleculeError('workspace_removed');
  if (row.boot_id !== own.bootId || claimedBoot !== own.bootId) throw new MoleculeError('boot_superseded');
  return { ...row, boot_id: own.bootId };
}
