import { Task } from '@molecule/contracts';
import { z } from 'zod';
import { defineTool } from '../registry/define-tool.ts';

const OneTask = z.object({ task: Task });
const WAIT_SECONDS_MAX = 300;

export const workTools = [
  defineTool({
    name: 'send_message',
    title: 'Send a message to a workspace',
    description:
      'Give a workspace something to do: the text becomes a task of its agent. Returns the task at once; set wait_seconds to wait for the answer, or ask get_task later.',
    modes: ['management', 'self'],
    scope: null,
    input: z.object({
      workspace: z.string().min(1).max(200).describe('Id or name of the workspace'),
      text: z.string().min(1).max(200_000).describe('What the agent shall do or answer'),
      wait_seconds: z
        .number()
        .min(0)
        .max(WAIT_SECONDS_MAX)
        .default(0)
        .describe('How long to wait for the answer; 0 = do not wait'),
    }),
    output: OneTask,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    handler: async (services, call, { workspace, text, wait_seconds }) => ({
      task: await services.sendMessage(call, workspace, text, wait_seconds * 1000),
    }),
  }),
  defineTool({
    name: 'get_task',
    aliases: ['check_task'],
    title: 'Get a task',
    description: 'Get the state of a task by id: status, result, or the failure with advice.',
    modes: ['management', 'self'],
    scope: null,
    input: z.object({ task_id: z.string().min(1).max(100).describe('Id of the task') }),
    output: OneTask,
    annotations: { readOnlyHint: true, openWorldHint: false },
    handler: async (services, call, { task_id }) => ({ task: await services.getTask(call, task_id) }),
  }),
] as const;
