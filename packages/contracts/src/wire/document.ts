import { z } from 'zod';
import { WorkspaceName } from '../names/ids.ts';
import { PluginLock } from './plugin-channel.ts';
import { Workspace } from './workspace.ts';

/** A workspace as a file (`workspace.yaml`): what it is, and not what became of it. Never a secret. */
export const WorkspaceDocument = z
  .object({
    name: WorkspaceName,
    template: z.string().max(100).optional(),
    runtime: z.string().max(40).optional(),
    model: z.string().max(200).optional(),
    /** Name or id of the workspace above it; without one, the concierge. */
    parent: z.string().min(1).max(200).optional(),
    role: z.string().max(2000).optional(),
    /** Plugin sources besides those of the template. One that is refused leaves the others and the workspace alone (B27). */
    plugins: z.array(z.string().min(1).max(1000)).max(50).optional(),
    /** Exact plugins. One that is refused, or is not what was locked, refuses the whole document. */
    lock: PluginLock.optional(),
  })
  .strict()
  .meta({ id: 'WorkspaceDocument' });
export type WorkspaceDocument = z.infer<typeof WorkspaceDocument>;

/** The workspaces of an org as a file, without the concierge, which every org has by itself. */
export const OrgDocument = z
  .object({ version: z.literal(1), workspaces: z.array(WorkspaceDocument).max(1000) })
  .strict()
  .meta({ id: 'OrgDocument' });
export type OrgDocument = z.infer<typeof OrgDocument>;

export const ImportedWorkspace = z
  .object({
    workspace: Workspace,
    /** Sources of `plugins` that were not declared, and why. */
    refused: z.array(z.object({ source: z.string(), code: z.string(), message: z.string() })),
  })
  .meta({ id: 'ImportedWorkspace' });
export type ImportedWorkspace = z.infer<typeof ImportedWorkspace>;

export const OrgImported = z.object({ items: z.array(ImportedWorkspace) }).meta({ id: 'OrgImported' });
export type OrgImported = z.infer<typeof OrgImported>;
