import { MoleculeEvent, Template, Workspace } from '@molecule/contracts';
import { z } from 'zod';
import { defineTool } from '../registry/define-tool.ts';

const READ = { readOnlyHint: true, openWorldHint: false } as const;

export const orgTools = [
  defineTool({
    name: 'list_templates',
    title: 'List templates',
    description: 'List the templates from which a workspace can be provisioned.',
    modes: ['management'],
    scope: 'workspaces:read',
    input: z.object({}),
    output: z.object({ items: z.array(Template) }),
    annotations: READ,
    handler: async (services, call) => ({ items: await services.listTemplates(call) }),
  }),
  defineTool({
    name: 'list_events',
    title: 'List events',
    description:
      'List what happened in the org or in one workspace, oldest first: changes of state, boots, proofs, tasks.',
    modes: ['management'],
    scope: 'events:read',
    input: z.object({
      workspace: z.string().max(200).optional(),
      limit: z.int().min(1).max(200).default(50),
      cursor: z.string().max(100).optional(),
    }),
    output: z.object({ items: z.array(MoleculeEvent), nextCursor: z.string().nullable() }),
    annotations: READ,
    handler: (services, call, { workspace, limit, cursor }) =>
      services.listEvents(call, {
        limit,
        ...(workspace === undefined ? {} : { workspace }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
  }),
  defineTool({
    name: 'list_peers',
    title: 'List peers',
    description: 'List the workspaces that this workspace may talk to: its parent, its children and its siblings.',
    modes: ['self'],
    scope: null,
    input: z.object({}),
    output: z.object({ items: z.array(Workspace) }),
    annotations: READ,
    handler: async (services, call) => ({ items: await services.listPeers(call) }),
  }),
] as const;
