import { z } from 'zod';
import { BootId, OrgId, PluginName, RuntimeId, ServerName, WorkspaceId } from '../names/ids.ts';
import { ServerDescriptor } from './descriptor.ts';
import { WorkspaceKind } from './workspace.ts';

/** An MCP server that the workspace shall have, with the plugin it comes from. */
export const DesiredServer = z.object({
  name: ServerName,
  plugin: PluginName,
  descriptor: ServerDescriptor,
  /** Fails closed when it is missing; otherwise the server is reported missing and the agent works on. */
  required: z.boolean(),
  requiredTools: z.array(z.string()),
  /** True for the server whose `live` rung the control plane itself must witness. */
  witnessed: z.boolean(),
});
export type DesiredServer = z.infer<typeof DesiredServer>;

/** Immutable package addressed by digest (`sha256:…` of its canonical tree). */
export const DesiredArtifact = z.object({
  plugin: PluginName,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  sizeBytes: z.int().nonnegative(),
  /** Paths of skill folders inside the artifact, e.g. `skills/seo-audit`. */
  skills: z.array(z.string()),
  required: z.boolean(),
  /** Runs once for this artifact in the box, with the secrets it names and no others. */
  setup: z
    .object({ command: z.string(), args: z.array(z.string()), secrets: z.array(z.string()) })
    .nullable()
    .default(null),
});
export type DesiredArtifact = z.infer<typeof DesiredArtifact>;

/** How the agent reaches its model. `gateway`: through the control plane, no provider key in the box. `direct`: the person's own CLI login. */
export const ModelAccess = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('gateway'),
    provider: z.string(),
    model: z.string(),
    /** Paths below the control plane's address, one for each protocol that the gateway speaks for this provider. */
    paths: z.object({
      anthropic: z.string().optional(),
      openaiResponses: z.string().optional(),
      openaiChat: z.string().optional(),
      google: z.string().optional(),
    }),
    /** Set when the model is the built-in demo model; shown to people wherever the model is named. */
    demo: z.boolean(),
  }),
  z.object({ kind: z.literal('direct'), provider: z.string(), model: z.string().nullable() }),
  z.object({ kind: z.literal('none'), reason: z.string(), message: z.string(), nextStep: z.string() }),
]);
export type ModelAccess = z.infer<typeof ModelAccess>;

/** Everything a box needs to know, computed by the control plane from stored state alone. */
export const DesiredState = z
  .object({
    workspaceId: WorkspaceId,
    orgId: OrgId,
    bootId: BootId,
    /** Rises with every change; a box that sees a higher one on a heartbeat fetches the document again. */
    generation: z.int(),
    name: z.string(),
    kind: WorkspaceKind,
    runtime: RuntimeId,
    model: ModelAccess,
    /** Provider pin for the agent and its children (B9, B10); null = none. */
    providerPin: z.string().nullable(),
    servers: z.array(DesiredServer),
    /** Needed, but kept from the agent until somebody accepts their changed tools. Not rendered. */
    held: z.array(DesiredServer).default([]),
    artifacts: z.array(DesiredArtifact),
    identity: z.object({ text: z.string(), digest: z.string() }),
    /** Instruction texts that come from plugins, in order. */
    instructions: z.array(z.object({ plugin: PluginName, text: z.string() })),
    /** Plain configuration files from the template, relative to the work folder; the asset channel. */
    assets: z.array(z.object({ path: z.string(), text: z.string() })),
    /** Names of secrets the agent's environment gets; values come with the enrolment answer only. */
    secretNames: z.array(z.string()),
    /** Hosts (`host:port`) that the box may reach besides the control plane. */
    egress: z.array(z.string()),
    timing: z.object({
      heartbeatIntervalMs: z.int().positive(),
      /** A session's process is kept alive this long after its last turn; 0 = not at all. */
      warmSessionMs: z.int().nonnegative(),
      proveIntervalMs: z.int().positive(),
      turnDeadlineMs: z.int().positive(),
    }),
  })
  .meta({ id: 'DesiredState' });
export type DesiredState = z.infer<typeof DesiredState>;
