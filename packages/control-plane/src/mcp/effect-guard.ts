import { MANAGEMENT_SERVER_NAME, MoleculeError, toolId } from '@molecule/contracts';
import type { ToolCall } from '@molecule/management-mcp';
import { type Executor, runOnce } from '@molecule/store';
import type { Services } from '../kernel/services.ts';

/**
 * What is known of a call whose transaction was begun: which of the equal calls of its attempt it is, or that it has no task to note its effect with. Lost with
 * the process, and needed only while the call lasts.
 */
const begun = new WeakMap<ToolCall, { readonly taskId: string; readonly occurrence: number } | 'unnoted'>();

/** False when a repeat of the call could have its effect twice: whether the first one committed is not known, and nothing was noted. */
export function mayRepeatEffect(call: ToolCall): boolean {
  return begun.get(call) !== 'unnoted';
}

/**
 * Runs the effect of a tool that changes something, in one transaction. When the call comes from a box, the effect is noted with the task at which its agent is at
 * work: a second attempt of the same task finds it instead of causing it again, so one request never makes two workspaces. So does a repeat of
 * the same call after its connection to the database broke. A person's own client has no task, and its calls are not noted.
 * @returns what the effect gave, now or the first time
 * @throws MoleculeError `task_not_leased` for a box without a running task
 */
export async function effectOnce<T extends Readonly<Record<string, unknown>>>(
  services: Services,
  call: ToolCall,
  effect: (trx: Executor) => Promise<T>,
): Promise<T> {
  const unnoted = (trx: Executor): Promise<T> => {
    begun.set(call, 'unnoted');
    return effect(trx);
  };
  return services.db.transaction().execute(async (trx) => {
    const { workspaceId, bootId } = call.caller;
    if (workspaceId === null || bootId === null) return unnoted(trx);
    const task = await trx
      .selectFrom('tasks')
      .select(['id', 'attempt'])
      .where('workspace_id', '=', workspaceId)
      .where('boot_id', '=', bootId)
      .where('status', '=', 'running')
      .executeTakeFirst();
    // Outside a turn there is nothing to note it with, so a retry could have the effect twice. Agents of boxes work in turns alone: this one is a leftover.
    if (task === undefined) throw new MoleculeError('task_not_leased');
    const earlier = begun.get(call);
    const isRepeat = typeof earlier === 'object' && earlier.taskId === task.id;
    const { result } = await runOnce(
      trx,
      {
        taskId: task.id,
        attempt: task.attempt,
        tool: toolId(MANAGEMENT_SERVER_NAME, call.tool),
        args: call.input,
        onOccurrence: (occurrence) => begun.set(call, { taskId: task.id, occurrence }),
        ...(isRepeat ? { occurrence: earlier.occurrence } : {}),
      },
      () => effect(trx),
    );
    return result;
  });
}
