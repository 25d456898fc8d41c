import { z } from 'zod';
import { PluginName } from '../names/ids.ts';

/** Why something with a plugin did not work, as it is shown to people. */
export const PluginFailure = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export type PluginFailure = z.infer<typeof PluginFailure>;

/** Tools that differ from those that were proved at install. */
export const ToolChange = z
  .object({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) })
  .meta({ id: 'ToolChange' });

/** A plugin of a workspace, from the desired set. */
export const WorkspacePlugin = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version: z.string().nullable(),
    source: z.string(),
    /** The source with its exact commit or version; null while it was not fetched. */
    resolved: z.string().nullable(),
    digest: z.string().nullable(),
    origin: z.enum(['protected', 'declared', 'installed']),
    privileged: z.boolean(),
    required: z.boolean(),
    servers: z.array(
      z.object({
        name: z.string(),
        required: z.boolean(),
        /** `held`: not offered to the agent until somebody accepts its changed tools. Null: nothing was recorded yet. */
        tools: z.enum(['pinned', 'flagged', 'held']).nullable(),
        change: ToolChange.nullable(),
        /** Another plugin has a server of this name, so this one is left out. */
        shadowedBy: z.string().nullable(),
      }),
    ),
    skills: z.array(z.string()),
    /** Parts of the package that this platform does not carry over. */
    dropped: z.array(z.string()),
    /** `waiting`: not fetched yet; `failed`: the last attempt failed, another follows; `ready`: part of the desired state. */
    state: z.enum(['ready', 'waiting', 'failed']),
    failure: PluginFailure.nullable(),
  })
  .meta({ id: 'WorkspacePlugin' });
export type WorkspacePlugin = z.infer<typeof WorkspacePlugin>;

export const InstallPlugin = z
  .object({
    source: z.string().min(1).max(1000),
    /** How long to wait until the box has it and it is proved; 0 = do not wait. */
    waitSeconds: z.number().min(0).max(60).default(0),
    /** What a preview has shown; where the source gives something else by now, nothing is installed. */
    digest: z.string().max(100).optional(),
  })
  .strict()
  .meta({ id: 'InstallPlugin' });
export type InstallPlugin = z.infer<typeof InstallPlugin>;

/** How far a change of plugins has come in the box. */
export const PluginProof = z
  .object({
    /** `proved`: the box has it and every server of it answered; `failed`: a server did not; `pending`: not yet; `no_box`: the workspace has no box now. */
    state: z.enum(['proved', 'failed', 'pending', 'no_box']),
    generation: z.int(),
    problems: z.array(z.string()),
  })
  .meta({ id: 'PluginProof' });
export type PluginProof = z.infer<typeof PluginProof>;

export const PluginInstalled = z
  .object({
    plugin: WorkspacePlugin,
    proof: PluginProof,
    timing: z.object({ resolveMs: z.number(), foreignMs: z.number(), totalMs: z.number() }),
  })
  .meta({ id: 'PluginInstalled' });
export type PluginInstalled = z.infer<typeof PluginInstalled>;

export const PluginUninstalled = z.object({ name: z.string(), proof: PluginProof }).meta({ id: 'PluginUninstalled' });
export type PluginUninstalled = z.infer<typeof PluginUninstalled>;

/** A first-party plugin of this version. */
export const CataloguePlugin = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version: z.string().nullable(),
    source: z.string(),
    digest: z.string(),
    privileged: z.boolean(),
    servers: z.array(z.string()),
    skills: z.array(z.string()),
  })
  .meta({ id: 'CataloguePlugin' });
export type CataloguePlugin = z.infer<typeof CataloguePlugin>;

export const AllowlistLine = z
  .union([
    z.object({ publisher: z.string().min(1).max(300) }).strict(),
    z.object({ source: z.string().min(1).max(1000) }).strict(),
    z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }).strict(),
  ])
  .meta({ id: 'AllowlistLine' });
export type AllowlistLine = z.infer<typeof AllowlistLine>;

/** What may be installed. Null entries = nothing is restricted; an empty list permits nothing. */
export const PluginAllowlist = z
  .object({
    entries: z.array(z.string()).nullable(),
    /** Tighter lists of workspaces, each for its subtree. */
    workspaces: z.array(z.object({ workspaceId: z.string(), entries: z.array(z.string()) })),
    /** Plugins that are installed and that the lists no longer permit. They go on until they are uninstalled. */
    violations: z.array(z.object({ workspaceId: z.string(), plugin: z.string(), source: z.string() })),
  })
  .meta({ id: 'PluginAllowlist' });
export type PluginAllowlist = z.infer<typeof PluginAllowlist>;

export const SetPluginAllowlist = z
  .object({
    entries: z.array(AllowlistLine).max(1000).nullable(),
    workspace: z.string().max(200).optional(),
    /** The stored entries that whoever decides has seen; where they are not the present ones, nothing is changed. */
    seen: z.array(z.string()).max(1000).nullable().optional(),
  })
  .strict()
  .meta({ id: 'SetPluginAllowlist' });
export type SetPluginAllowlist = z.infer<typeof SetPluginAllowlist>;

/** The plugins of a workspace with exact sources and digests, to be kept and to be given to another workspace. */
export const PluginLock = z
  .object({
    version: z.literal(1),
    plugins: z
      .array(
        z.object({
          name: PluginName,
          source: z.string(),
          resolved: z.string(),
          digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        }),
      )
      .max(500),
  })
  .strict()
  .meta({ id: 'PluginLock' });
export type PluginLock = z.infer<typeof PluginLock>;

/** What a newer version would change, for people to read before it is applied. */
export const PluginDifference = z
  .object({
    version: z.object({ from: z.string().nullable(), to: z.string().nullable() }),
    servers: z.object({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      changed: z.array(z.object({ name: z.string(), what: z.array(z.string()) })),
    }),
    /** What the package asks for: secrets, programs, addresses, setup. */
    permissions: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
    skills: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
    files: z.object({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      changed: z.array(z.string()),
      more: z.int(),
    }),
    instructionsChanged: z.boolean(),
  })
  .meta({ id: 'PluginDifference' });
export type PluginDifference = z.infer<typeof PluginDifference>;

export const PluginChange = z
  .object({
    id: z.string(),
    plugin: z.string(),
    from: z.object({ resolved: z.string(), digest: z.string() }),
    to: z.object({ resolved: z.string(), digest: z.string() }),
    difference: PluginDifference,
    state: z.enum(['planned', 'applied', 'proved', 'rolled_back', 'discarded']),
    reason: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'PluginChange' });
export type PluginChange = z.infer<typeof PluginChange>;

export const PreviewPlugin = z
  .object({ source: z.string().min(1).max(1000) })
  .strict()
  .meta({ id: 'PreviewPlugin' });

/** What an install would bring, found out by fetching and checking and without installing. */
export const PluginPreview = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version: z.string().nullable(),
    /** The exact commit or version: what is installed when this text is given as the source. */
    resolved: z.string(),
    digest: z.string(),
    sizeBytes: z.int(),
    fileCount: z.int(),
    /** The one of this name that is there now and would be replaced; null = none. */
    replaces: z.object({ version: z.string().nullable(), resolved: z.string().nullable() }).nullable(),
    /** Against what is there now, or against nothing. */
    difference: PluginDifference,
    /** Why an install would be refused; null = it would not. */
    refusal: PluginFailure.nullable(),
  })
  .meta({ id: 'PluginPreview' });
export type PluginPreview = z.infer<typeof PluginPreview>;

/** Per plugin: nothing new, a planned change, or why it could not be looked up. */
export const PluginLockReport = z
  .object({
    items: z.array(
      z.object({
        plugin: z.string(),
        source: z.string(),
        state: z.enum(['current', 'changed', 'pinned', 'failed']),
        change: PluginChange.nullable(),
        failure: PluginFailure.nullable(),
      }),
    ),
  })
  .meta({ id: 'PluginLockReport' });
export type PluginLockReport = z.infer<typeof PluginLockReport>;

/** What a rollout changes: a plugin of all workspaces that have it, or the runtime of all that have the default one. */
export const RolloutSubject = z
  .discriminatedUnion('subject', [
    z.object({ subject: z.literal('plugin'), plugin: PluginName, source: z.string().min(1).max(1000) }).strict(),
    z.object({ subject: z.literal('runtime'), runtime: z.string().min(1).max(40) }).strict(),
  ])
  .meta({ id: 'RolloutSubject' });
export type RolloutSubject = z.infer<typeof RolloutSubject>;

export const PlanRollout = z
  .object({
    change: RolloutSubject,
    sharePercent: z.number().min(0).max(100).default(10),
    soakSeconds: z.int().min(0).max(604_800).default(600),
  })
  .strict()
  .meta({ id: 'PlanRollout' });
export type PlanRollout = z.infer<typeof PlanRollout>;

export const Rollout = z
  .object({
    id: z.string(),
    change: RolloutSubject,
    /** Exact version that goes out; null for a runtime. */
    resolved: z.string().nullable(),
    difference: PluginDifference.nullable(),
    canary: z.array(z.string()),
    rest: z.array(z.string()),
    soakSeconds: z.int(),
    state: z.enum(['planned', 'canary', 'rest', 'done', 'rolled_back', 'discarded']),
    reason: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.infer<typeof Rollout>;
