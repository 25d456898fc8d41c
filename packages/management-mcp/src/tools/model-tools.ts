import {
  Budget,
  BudgetPeriod,
  BudgetUnit,
  ModelChoice,
  ModelInfo,
  SecretInfo,
  SecretName,
  SecretValue,
  UsagePage,
} from '@molecule/contracts';
import { z } from 'zod';
import { defineTool } from '../registry/define-tool.ts';

const READ = { readOnlyHint: true, openWorldHint: false } as const;
const WorkspaceRef = z.string().min(1).max(200).describe('Id or name of the workspace');

export const modelTools = [
  defineTool({
    name: 'list_models',
    title: 'List models',
    description: 'List the models that workspaces can run on, with price, and whether there is a key for each now.',
    modes: ['management'],
    scope: 'models:read',
    input: z.object({}),
    output: z.object({ items: z.array(ModelInfo) }),
    annotations: READ,
    handler: async (services, call) => ({ items: await services.models.listModels(call) }),
  }),
  defineTool({
    name: 'get_workspace_model',
    title: 'Get the model of a workspace',
    description:
      'Say which model and provider a workspace runs on, or why it cannot run a turn and which ids are near.',
    modes: ['management'],
    scope: 'models:read',
    input: z.object({ workspace: WorkspaceRef }),
    output: z.object({ model: ModelChoice }),
    annotations: READ,
    handler: async (services, call, { workspace }) => ({ model: await services.models.showModel(call, workspace) }),
  }),
  defineTool({
    name: 'list_secrets',
    title: 'List the secrets of a workspace',
    description: 'List the names of the secrets that belong to a workspace. Values are never shown to anybody.',
    modes: ['management'],
    scope: 'secrets:read',
    input: z.object({ workspace: WorkspaceRef }),
    output: z.object({ items: z.array(SecretInfo) }),
    annotations: READ,
    handler: async (services, call, { workspace }) => ({ items: await services.models.listSecrets(call, workspace) }),
  }),
  defineTool({
    name: 'set_secret',
    title: 'Set a secret of a workspace',
    description:
      "Store a secret for a workspace's environment. What you pass is in your own conversation: prefer to ask the person to run `molecule secret set` themselves. Keys of model providers can only be set by a person.",
    modes: ['management'],
    scope: null,
    input: z.object({
      workspace: WorkspaceRef,
      name: SecretName.describe('Name of the environment variable'),
      value: SecretValue,
    }),
    output: z.object({ secret: SecretInfo }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handler: async (services, call, { workspace, name, value }) => ({
      secret: await services.models.setSecret(call, workspace, name, value),
    }),
  }),
  defineTool({
    name: 'delete_secret',
    title: 'Delete a secret of a workspace',
    description: 'Remove a secret from a workspace; its agent lacks it from the next turn on.',
    modes: ['management'],
    scope: null,
    input: z.object({ workspace: WorkspaceRef, name: SecretName }),
    output: z.object({ deleted: z.string() }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handler: async (services, call, { workspace, name }) => {
      await services.models.deleteSecret(call, workspace, name);
      return { deleted: name };
    },
  }),
  defineTool({
    name: 'set_workspace_budget',
    title: 'Limit what a workspace may use',
    description:
      'Set a hard limit for one workspace in US dollars, tokens, turns or minutes, per hour, day, month or in total. It is in force at once. A limit that a person set can be lowered, not raised.',
    modes: ['management'],
    scope: null,
    input: z.object({
      workspace: WorkspaceRef,
      unit: BudgetUnit,
      limit: z.number().nonnegative(),
      period: BudgetPeriod,
    }),
    output: z.object({ budget: Budget }),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    handler: async (services, call, { workspace, ...budget }) => ({
      budget: await services.models.setBudget(call, workspace, budget),
    }),
  }),
  defineTool({
    name: 'get_usage',
    title: 'Get usage and cost',
    description:
      'Tokens, requests, turns and cost, per task and model: of the org, a workspace, everything below it, or a task with all that was delegated from it.',
    modes: ['management'],
    scope: 'budgets:read',
    input: z.object({
      workspace: WorkspaceRef.optional(),
      tree: z.boolean().default(false).describe('With the workspaces below it'),
      task_id: z.uuid().optional(),
    }),
    output: z.object({ usage: UsagePage }),
    annotations: READ,
    handler: async (services, call, { workspace, tree, task_id }) => ({
      usage: await services.models.usage(call, {
        tree,
        ...(workspace === undefined ? {} : { workspace }),
        ...(task_id === undefined ? {} : { taskId: task_id }),
      }),
    }),
  }),
] as const;
