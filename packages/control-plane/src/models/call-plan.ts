import type { AuthStyle, ModelEntry, ProtocolId, Provider, Registry } from '@molecule/models';

/** Where a key comes from. */
export type CredentialOrigin = 'workspace' | 'org' | 'environment' | 'none needed';

/** How the gateway reaches one protocol of a provider. */
export interface PlannedEndpoint {
  readonly baseUrl: string;
  readonly auth: AuthStyle;
  readonly key: string;
  /** The address came from a person over the API: it is looked up and refused when internal (SSRF). */
  readonly guarded: boolean;
}

/** Everything the gateway has to know to serve a workspace: where its calls go, and with which models. Made from stored state; never leaves the process. */
export interface CallPlan {
  readonly orgId: string;
  /** Null for a trial call that belongs to no workspace. */
  readonly workspaceId: string | null;
  /** Provider as resolved: `platform` for its namespace. */
  readonly provider: string;
  /** Who really serves it. */
  readonly vendor: Provider;
  /** The vendor's own id of the workspace's model. */
  readonly modelId: string;
  readonly entry: ModelEntry | null;
  readonly registry: Registry;
  readonly isDemo: boolean;
  /** May other models of the same provider be asked for? */
  readonly allowsOtherModels: boolean;
  readonly endpoints: Readonly<Partial<Record<ProtocolId, PlannedEndpoint>>>;
  readonly credential: CredentialOrigin;
}

/** A plan, or why there is none. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: CallPlan; readonly pin: string | null }
  | { readonly kind: 'direct'; readonly provider: string; readonly model: string | null }
  | {
      readonly kind: 'none';
      readonly reason: string;
      readonly message: string;
      readonly nextStep: string;
      readonly nearest: readonly string[];
      readonly pin: string | null;
    };

/** Workspace whose own key is in use; null when the key is the org's or the operator's. A trouble with a key belongs to whom it serves. */
export function keyOwner(plan: CallPlan): string | null {
  return plan.credential === 'workspace' ? plan.workspaceId : null;
}
