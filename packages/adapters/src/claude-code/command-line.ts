import type { SessionContext, SpawnPlan } from '../contract/index.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';

/**
 * Built-in tools that a turn may use. The rest of the CLI's tools need a terminal, a person, or a process that lives on after the
 * turn (schedules, worktrees, messages between its own sessions).
 */
const BUILT_IN_TOOLS = [
  'Task',
  'Bash',
  'Edit',
  'Write',
  'NotebookEdit',
  'Read',
  'Glob',
  'Grep',
  'Skill',
  'WebFetch',
  'WebSearch',
  'TodoWrite',
  'TaskStop',
];

/** The CLI as one process that takes user messages and control requests on stdin. */
export function streamCommand(context: SessionContext, resume: string | null): SpawnPlan {
  const { model } = context;
  const allowed = [...context.allowedServers.map((server) => `mcp__${nativeName(server)}__*`), ...BUILT_IN_TOOLS];
  const named = model.kind !== 'none' && model.model !== null ? ['--model', model.model] : [];
  return runtimeCommand(context, [
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    '--tools',
    BUILT_IN_TOOLS.join(','),
    '--allowedTools',
    allowed.join(','),
    ...named,
    ...(resume === null ? [] : ['--resume', resume]),
  ]);
}

/** Server names as the CLI writes them into tool names. */
export function nativeName(server: string): string {
  return server.replace(/[^A-Za-z0-9_-]/g, '_');
}
