import type { WorkspaceKind } from '@molecule/contracts';

/**
 * Kind of a stored value. Null, an unknown word or an unreadable row reads as an ordinary workspace, so that doubt never
 * grants anything (B1, B2).
 */
export function kindOf(stored: string | null | undefined): WorkspaceKind {
  return stored === 'platform' ? 'platform' : 'workspace';
}

/**
 * Whether a box may register with the kind it claims (B4, T15). A claim can never raise a row: only the control plane makes the
 * concierge. A concierge that claims nothing, or less, stays what it is.
 */
export function mayClaimKind(claimed: string | undefined, stored: WorkspaceKind): boolean {
  return claimed !== 'platform' || stored === 'platform';
}
