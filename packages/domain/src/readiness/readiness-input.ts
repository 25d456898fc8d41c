import type {
  FailureCode,
  ModelAccess,
  Rung,
  SelfReport,
  SignalStatus,
  WorkspaceKind,
  WorkspaceStatus,
} from '@molecule/contracts';

/** A server the workspace shall have, as far as readiness needs to know it. */
export interface NeededServer {
  readonly name: string;
  readonly required: boolean;
  readonly requiredTools: readonly string[];
  /** Its `live` rung counts only when the control plane saw it itself. */
  readonly witnessed: boolean;
}

/** Evidence of the present boot; the last word for its server and rung. */
export interface StoredProof {
  readonly server: string;
  readonly rung: Rung;
  readonly ok: boolean;
  readonly witnessed: boolean;
  readonly reason: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Everything a verdict rests on; the same input always gives the same verdict. */
export interface ReadinessInput {
  readonly kind: WorkspaceKind;
  readonly status: WorkspaceStatus;
  readonly now: Date;
  /** When the present boot enrolled and registered; null = not yet. */
  readonly enrolledAt: Date | null;
  readonly registeredAt: Date | null;
  /** Last time it went online, in whatever boot. */
  readonly onlineAt: Date | null;
  readonly servers: readonly NeededServer[];
  readonly proofs: readonly StoredProof[];
  /** What the box said last: an absent field is unknown (B84). */
  readonly report: SelfReport;
  readonly model: ModelAccess;
  /** The provider refuses the key, or its quota has ended, as the gateway saw it; absent or null = not that we know. */
  readonly modelTrouble?: { readonly reason: string; readonly message: string; readonly nextStep: string } | null;
  /** Digest of the identity text that was sent; null = none is wanted. */
  readonly identityDigest: string | null;
  /** The box has not applied the generation that is wanted: what it says of its persona is about an older one (I35). Absent = it has. */
  readonly identityOnItsWay?: boolean;
  /** Since when a required capability is missing without interruption; null = it is not. */
  readonly missingSince: Date | null;
  readonly lastRepairAt: Date | null;
  readonly recentTurns: { readonly ended: number; readonly failed: number; readonly lastFailure: FailureCode | null };
}

export interface AssessedSignal {
  readonly status: SignalStatus;
  readonly reason: string | null;
  readonly message: string;
  readonly nextStep: string | null;
}
