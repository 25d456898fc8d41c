import type { DesiredState, Proof } from '@molecule/contracts';
import type { Executor, WorkspaceRow } from '@molecule/store';
import type { Clock } from './clock.ts';
import type { ControlPlaneConfig } from './config.ts';
import type { EventHub } from './event-hub.ts';
import type { Logger } from './logger.ts';
import type { TokenCache } from './token-cache.ts';

/** Computes the one document that a box is told (design: a pure function of stored state). */
export interface DesiredStatePort {
  compute(db: Executor, workspaceId: string, bootId: string): Promise<DesiredState>;
  /** What the workspace's model provider refuses it just now; null = nothing. */
  modelTrouble(
    db: Executor,
    workspace: WorkspaceRow,
  ): Promise<{ readonly reason: string; readonly message: string; readonly nextStep: string } | null>;
}

/** Compares the tools that a proof saw with those that were accepted. */
export interface ToolPinPort {
  observe(trx: Executor, row: WorkspaceRow, proofs: readonly Proof[], now: Date): Promise<void>;
  /** Takes the changed tools of a server as the right ones. @throws MoleculeError `plugin_tools_not_held` */
  accept(trx: Executor, row: WorkspaceRow, server: string, actor: string, now: Date): Promise<void>;
}

/** What every feature gets. Features never import each other's insides; what they share is here or in the store. */
export interface Services {
  readonly db: Executor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ControlPlaneConfig;
  readonly events: EventHub;
  readonly tokens: TokenCache;
  readonly desired: DesiredStatePort;
  readonly toolPins: ToolPinPort;
  /** Aborted when the server begins to stop: streams end, new work is refused. */
  readonly stopping: AbortSignal;
}
