import { CreateWorkspace, MANAGEMENT_REQUIRED_TOOL, Readiness, Workspace } from '@molecule/contracts';
import { z } from 'zod';
import { defineTool } from '../registry/define-tool.ts';

const READ = { readOnlyHint: true, openWorldHint: false } as const;
const CHANGE = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const;
const WorkspaceRef = z.string().min(1).max(200).describe('Id or name of the workspace');
const OneWorkspace = z.object({ workspace: Workspace });
/** How long a provision may wait for the workspace to be proved. */
const WAIT_SECONDS_DEFAULT = 20;
const WAIT_SECONDS_MAX = 60;

export const workspaceTools = [
  defineTool({
    name: 'list_workspaces',
    title: 'List workspaces',
    description: 'List the workspaces (agents) of the org with status, runtime, model and the three health signals.',
    modes: ['management'],
    scope: 'workspaces:read',
    input: z.object({ limit: z.int().min(1).max(200).default(100), cursor: z.string().max(500).optional() }),
    output: z.object({ items: z.array(Workspace), nextCursor: z.string().nullable() }),
    annotations: READ,
    handler: (services, call, { limit, cursor }) =>
      services.listWorkspaces(call, { limit, ...(cursor === undefined ? {} : { cursor }) }),
  }),
  defineTool({
    name: 'get_workspace',
    title: 'Get a workspace',
    description: 'Get one workspace by id or name: status with its reason, signals, runtime, model, parent.',
    modes: ['management'],
    scope: 'workspaces:read',
    input: z.object({ workspace: WorkspaceRef }),
    output: OneWorkspace,
    annotations: READ,
    handler: async (services, call, { workspace }) => ({ workspace: await services.getWorkspace(call, workspace) }),
  }),
  defineTool({
    name: MANAGEMENT_REQUIRED_TOOL,
    aliases: ['create_workspace'],
    title: 'Provision a workspace',
    description:
      'Create a new workspace: one more agent of the org in its own box. Give it a name and, if wanted, a role (what it is for), a template, runtime, model or parent. ' +
      'Waits until the workspace is proved online or says why it is not.',
    modes: ['management'],
    scope: 'workspaces:write',
    input: z.object({
      name: CreateWorkspace.shape.name.describe('Name, unique in the org'),
      role: CreateWorkspace.shape.role.describe('What the agent is for, in a sentence or two'),
      template: CreateWorkspace.shape.template.describe('Template name, see list_templates'),
      runtime: CreateWorkspace.shape.runtime.describe('Runtime id; default: the runtime of the template or of the org'),
      model: CreateWorkspace.shape.model.describe('provider/model; default: the model of the org'),
      parent_id: z.string().max(200).optional().describe('Id or name of the parent workspace'),
      wait_seconds: z
        .number()
        .min(0)
        .max(WAIT_SECONDS_MAX)
        .default(WAIT_SECONDS_DEFAULT)
        .describe('How long to wait for it to come online; 0 = do not wait'),
    }),
    output: OneWorkspace,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    handler: async (services, call, { parent_id, wait_seconds, name, role, template, runtime, model }) => {
      const parent = parent_id === undefined ? undefined : await services.getWorkspace(call, parent_id);
      const input: CreateWorkspace = {
        name,
        ...(role === undefined ? {} : { role }),
        ...(template === undefined ? {} : { template }),
        ...(runtime === undefined ? {} : { runtime }),
        ...(model === undefined ? {} : { model }),
        ...(parent === undefined ? {} : { parentId: parent.id }),
      };
      return { workspace: await services.provisionWorkspace(call, input, wait_seconds * 1000) };
    },
  }),
  defineTool({
    name: 'restart_workspace',
    title: 'Restart a workspace',
    description: 'Restart the box of a workspace: it boots anew and is proved again. Conversations and files stay.',
    modes: ['management'],
    scope: 'workspaces:write',
    input: z.object({ workspace: WorkspaceRef }),
    output: OneWorkspace,
    annotations: CHANGE,
    handler: async (services, call, { workspace }) => ({ workspace: await services.restartWorkspace(call, workspace) }),
  }),
  defineTool({
    name: 'pause_workspace',
    title: 'Pause a workspace',
    description: 'Stop the box of a workspace until it is resumed. Work that arrives meanwhile waits.',
    modes: ['management'],
    scope: 'workspaces:write',
    input: z.object({ workspace: WorkspaceRef }),
    output: OneWorkspace,
    annotations: CHANGE,
    handler: async (services, call, { workspace }) => ({ workspace: await services.pauseWorkspace(call, workspace) }),
  }),
  defineTool({
    name: 'resume_workspace',
    title: 'Resume a workspace',
    description: 'Start a paused workspace again.',
    modes: ['management'],
    scope: 'workspaces:write',
    input: z.object({ workspace: WorkspaceRef }),
    output: OneWorkspace,
    annotations: CHANGE,
    handler: async (services, call, { workspace }) => ({ workspace: await services.resumeWorkspace(call, workspace) }),
  }),
  defineTool({
    name: 'deprovision_workspace',
    title: 'Remove a workspace for good',
    description:
      'Remove a workspace with its box and files, for good. The exact name must be repeated in confirm_name. The concierge cannot be removed.',
    modes: ['management'],
    scope: 'workspaces:delete',
    input: z.object({
      workspace: WorkspaceRef,
      confirm_name: z.string().describe('The exact name of the workspace, as confirmation'),
    }),
    output: OneWorkspace,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handler: async (services, call, { workspace, confirm_name }) => ({
      workspace: await services.deprovisionWorkspace(call, workspace, confirm_name),
    }),
  }),
  defineTool({
    name: 'why_workspace',
    title: 'Explain a workspace',
    description:
      'Explain the readiness of a workspace: the proof ladder of each MCP server, the three signals with reasons, and the next step.',
    modes: ['management'],
    scope: 'workspaces:read',
    input: z.object({ workspace: WorkspaceRef }),
    output: z.object({ workspace: Workspace, readiness: Readiness }),
    annotations: READ,
    handler: (services, call, { workspace }) => services.whyWorkspace(call, workspace),
  }),
] as const;
