import { z } from 'zod';
import { BootId, OrgId, RuntimeId, TaskId, WorkspaceId } from '../names/ids.ts';
import { DesiredState } from './desired-state.ts';
import { Isolation } from './isolation.ts';
import { Proof } from './proof.ts';
import { ConfigurationStatus, WorkspaceStatus } from './workspace.ts';

/** `POST /api/v1/registry/enrol`, with the one-time enrolment token as bearer. */
export const EnrolRequest = z
  .object({ workspaceId: WorkspaceId, bootId: BootId })
  .strict()
  .meta({ id: 'EnrolRequest' });
export type EnrolRequest = z.infer<typeof EnrolRequest>;

export const EnrolReply = z
  .object({
    orgId: OrgId,
    /** The box's own scoped token, MOLECULE_API_KEY. */
    apiKey: z.string(),
    /** Management token, only for the concierge, MOLECULE_ORG_API_KEY (B36). */
    orgApiKey: z.string().nullable(),
    /** One-time nonce to be presented on `/mcp` by the launcher under proof; null when nothing has to be witnessed. */
    proofNonce: z.string().nullable(),
    /** Secret values for the agent's environment, by name. */
    secrets: z.record(z.string(), z.string()),
    desired: DesiredState,
  })
  .meta({ id: 'EnrolReply' });
export type EnrolReply = z.infer<typeof EnrolReply>;

/** Why the management MCP is or is not available in the box (B88). Advisory, never an authorization input. */
export const PlatformMcpDiag = z
  .object({
    is_concierge: z.boolean(),
    legacy_binary_present: z.boolean(),
    settings_entry_present: z.boolean(),
    /** Absolute path of the launcher, null when it does not resolve. */
    launcher_path: z.string().nullable(),
  })
  .meta({ id: 'PlatformMcpDiag' });
export type PlatformMcpDiag = z.infer<typeof PlatformMcpDiag>;

/**
 * What a box says about itself: the same fragment on register and on every heartbeat (B79). Tri-state throughout: an absent
 * field is unknown, an explicit false refuses (B84). It grants nothing (B39).
 */
export const SelfReport = z.object({
  mcp_server_present: z.boolean().optional(),
  mcp_tools_ready: z.boolean().optional(),
  /** Ids `mcp__<server>__<tool>` (B91): absent = unknown, empty = connected but toolless. */
  loaded_mcp_tools: z.array(z.string().max(300)).max(2000).optional(),
  configuration_status: ConfigurationStatus.optional(),
  configuration_reason: z.string().max(1000).optional(),
  /** Digest of the identity text that was read back from where the runtime reads it; absent = unknown. */
  identity_digest: z.string().max(100).optional(),
  platform_mcp_diag: PlatformMcpDiag.optional(),
});
export type SelfReport = z.infer<typeof SelfReport>;

export const RegisterRequest = z
  .object({
    ...SelfReport.shape,
    bootId: BootId,
    generation: z.int(),
    runtime: RuntimeId,
    runtimeVersion: z.string().max(100).nullable(),
    /** Old clients may claim a kind; a claim of `platform` for a row that is not is refused (B4, T15). */
    kind: z.string().optional(),
    proofs: z.array(Proof).max(500),
    isolation: Isolation.optional(),
  })
  .meta({ id: 'RegisterRequest' });
export type RegisterRequest = z.infer<typeof RegisterRequest>;

export const HeartbeatRequest = z
  .object({
    ...SelfReport.shape,
    bootId: BootId,
    /** Generation that the box has applied. */
    generation: z.int(),
    proofs: z.array(Proof).max(500).optional(),
    /** The attempt in progress: renews its lease. */
    running: z.object({ taskId: TaskId, attempt: z.int() }).nullable().optional(),
  })
  .meta({ id: 'HeartbeatRequest' });
export type HeartbeatRequest = z.infer<typeof HeartbeatRequest>;

export const HeartbeatReply = z
  .object({
    status: WorkspaceStatus,
    /** Generation that is wanted; higher than the applied one = fetch `GET /api/v1/registry/desired-state`. */
    generation: z.int(),
    /** The attempt that the beat named is to be ended: somebody cancelled its task, or another attempt may have taken over. */
    stop: z.object({ taskId: TaskId, attempt: z.int(), reason: z.enum(['cancelled', 'lost']) }).nullable(),
    /** Render and prove again, with this fresh nonce (B85: rate-limited repair, or the periodic proof). */
    prove: z.object({ proofNonce: z.string(), reason: z.enum(['repair', 'periodic']) }).nullable(),
    /** There is work to lease. */
    work: z.boolean(),
  })
  .meta({ id: 'HeartbeatReply' });
export type HeartbeatReply = z.infer<typeof HeartbeatReply>;

/** One step of a boot or of the life of a box, kept for `ws events` and the timeline. */
export const BootEvent = z
  .object({
    step: z.string().max(60),
    ok: z.boolean(),
    /** ISO 8601, clock of the box. */
    at: z.iso.datetime(),
    durationMs: z.number().nonnegative().nullable(),
    code: z.string().max(100).nullable(),
    message: z.string().max(2000),
    nextStep: z.string().max(1000).nullable(),
    detail: z.record(z.string(), z.unknown()).default({}),
  })
  .meta({ id: 'BootEvent' });
export type BootEvent = z.infer<typeof BootEvent>;
/** `POST /api/v1/registry/boot-events`; `seq` rises by one inside a boot, so that a repeat changes nothing. */
export const BootEventsRequest = z
  .object({
    bootId: BootId,
    events: z
      .array(BootEvent.extend({ seq: z.int().nonnegative() }))
      .min(1)
      .max(200),
  })
  .strict()
  .meta({ id: 'BootEventsRequest' });
export type BootEventsRequest = z.infer<typeof BootEventsRequest>;
