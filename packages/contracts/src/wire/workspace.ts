import { z } from 'zod';
import { OrgId, RuntimeId, WorkspaceId, WorkspaceName } from '../names/ids.ts';

export const WorkspaceKind = z.enum(['workspace', 'platform']).meta({ id: 'WorkspaceKind' });
export type WorkspaceKind = z.infer<typeof WorkspaceKind>;

export const WorkspaceStatus = z
  .enum(['provisioning', 'booting', 'online', 'degraded', 'failed', 'offline', 'paused', 'hibernated', 'removed'])
  .meta({ id: 'WorkspaceStatus' });
export type WorkspaceStatus = z.infer<typeof WorkspaceStatus>;

/** Whether the agent can run a turn; separate from being online (B8). Absent = unknown. */
export const ConfigurationStatus = z.enum(['ready', 'not_configured']).meta({ id: 'ConfigurationStatus' });
export type ConfigurationStatus = z.infer<typeof ConfigurationStatus>;

export const SignalStatus = z.enum(['ok', 'warning', 'failed', 'unknown']).meta({ id: 'SignalStatus' });
export type SignalStatus = z.infer<typeof SignalStatus>;
/** One of the three health signals: never only a colour, always a reason and what to do. */
export const Signal = z
  .object({
    status: SignalStatus,
    /** Stable reason code; null when the status is ok. */
    reason: z.string().nullable(),
    message: z.string(),
    nextStep: z.string().nullable(),
    /** When the signal last changed, ISO 8601. */
    since: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Signal' });
export type Signal = z.infer<typeof Signal>;

export const Signals = z
  .object({ responsiveness: Signal, capability: Signal, identity: Signal })
  .meta({ id: 'Signals' });
export type Signals = z.infer<typeof Signals>;

export const Workspace = z
  .object({
    id: WorkspaceId,
    orgId: OrgId,
    name: WorkspaceName,
    kind: WorkspaceKind,
    status: WorkspaceStatus,
    /** Reason code of the present status, e.g. `platform_agent_mcp_server_missing`; null when there is nothing to say. */
    statusReason: z.string().nullable(),
    runtime: RuntimeId,
    template: z.string().nullable(),
    parentId: WorkspaceId.nullable(),
    /** `provider/model`. */
    model: z.string().nullable(),
    signals: Signals,
    generation: z.int(),
    createdAt: z.iso.datetime(),
    onlineAt: z.iso.datetime().nullable(),
    lastHeartbeatAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Workspace' });
export type Workspace = z.infer<typeof Workspace>;

export const CreateWorkspace = z
  .object({
    name: WorkspaceName,
    template: z.string().max(100).optional(),
    runtime: z.string().max(40).optional(),
    model: z.string().max(200).optional(),
    parentId: WorkspaceId.optional(),
    role: z.string().max(2000).optional(),
    /** Plugin sources besides those of the template. One that is refused leaves the others and the workspace alone (B27). */
    plugins: z.array(z.string().min(1).max(1000)).max(50).optional(),
  })
  .strict()
  .meta({ id: 'CreateWorkspace' });
export type CreateWorkspace = z.infer<typeof CreateWorkspace>;

/** What can be changed of a workspace. Several at once are one deed: all of it or nothing. */
const Changeable = z.object({
  name: WorkspaceName,
  /** Null = directly below the concierge. */
  parentId: WorkspaceId.nullable(),
  runtime: z.string().max(40),
});
export const ChangeWorkspace = Changeable.partial()
  .extend({
    /** What whoever decides has seen. Where it is not so any more, nothing is changed and they are told. */
    seen: Changeable.partial().strict().optional(),
    /** Every check is made and the answer is the workspace as it would be; nothing changes. */
    dryRun: z.boolean().optional(),
  })
  .strict()
  .meta({ id: 'ChangeWorkspace' });
export type ChangeWorkspace = z.infer<typeof ChangeWorkspace>;

export const RemoveWorkspace = z.object({ confirmName: z.string() }).strict().meta({ id: 'RemoveWorkspace' });
