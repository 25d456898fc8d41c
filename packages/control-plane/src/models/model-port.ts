import type { ModelAccess } from '@molecule/contracts';
import type { Executor, WorkspaceRow } from '@molecule/store';

/** How the rest of the control plane asks about models. */
export interface ModelPort {
  /** How the workspace reaches its model, or why it cannot; `none` is an answer, not an error (B8). Reads only. */
  access(db: Executor, workspace: WorkspaceRow): Promise<{ readonly access: ModelAccess; readonly pin: string | null }>;
  /** Checks a model that somebody names. @throws MoleculeError `model_invalid` with the nearest valid ids */
  check(db: Executor, orgId: string, model: string): Promise<void>;
  /** To be called at each provision, before the desired state is computed: seeds, heals or clears model and pin (B9, B13, B18, B19). */
  provision(trx: Executor, workspace: WorkspaceRow): Promise<void>;
  /** Names of the secrets that the box gets. */
  secretNames(db: Executor, workspace: WorkspaceRow): Promise<readonly string[]>;
  /** What the provider itself last refused the workspace, until it is well again; null = nothing. */
  trouble(
    db: Executor,
    workspace: WorkspaceRow,
  ): Promise<{ readonly reason: string; readonly message: string; readonly nextStep: string } | null>;
}
