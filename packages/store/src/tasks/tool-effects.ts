import { createHash } from 'node:crypto';
import { MoleculeError } from '@molecule/contracts';
import type { Executor } from '../executor.ts';

export interface ToolCall {
  readonly taskId: string;
  readonly attempt: number;
  /** Tool id, `mcp__<server>__<tool>`. */
  readonly tool: string;
  readonly args: unknown;
  /** n-th call with the same arguments within the attempt; absent = the next one. */
  readonly occurrence?: number;
  /** Told which one it is before the effect runs: a repeat after a broken connection, which may or may not have committed, names it. */
  readonly onOccurrence?: (occurrence: number) => void;
}

/**
 * Runs the effect of an agent's tool call exactly once per task, however often the task is attempted: a later attempt that
 * makes the same call finds the stored answer. Effect and note commit together, so a crash leaves both or neither.
 * @param trx a transaction; the task's row is held until it ends
 * @param effect its database effects must be made through `trx`; its answer is stored as JSON
 * @throws MoleculeError `task_not_found`, `task_not_leased` when a higher attempt has taken the task over
 */
export async function runOnce<T extends Readonly<Record<string, unknown>>>(
  trx: Executor,
  call: ToolCall,
  effect: () => Promise<T>,
): Promise<{ readonly result: T; readonly repeated: boolean }> {
  const task = await trx
    .selectFrom('tasks')
    .select(['attempt', 'status'])
    .where('id', '=', call.taskId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (task === undefined) throw new MoleculeError('task_not_found', { params: { task: call.taskId } });
  if (task.attempt !== call.attempt || task.status !== 'running') throw new MoleculeError('task_not_leased');
  const digest = createHash('sha256').update(canonicalJson(call.args)).digest();
  const earlier = await trx
    .selectFrom('tool_effects')
    .select(['occurrence', 'attempt', 'result'])
    .where('task_id', '=', call.taskId)
    .where('tool', '=', call.tool)
    .where('args_digest', '=', digest)
    .orderBy('occurrence')
    .execute();
  // The first call that this attempt has not yet had; without one, it is a new call.
  const known = earlier.find((row) =>
    call.occurrence === undefined ? row.attempt < call.attempt : row.occurrence === call.occurrence,
  );
  const occurrence = known?.occurrence ?? call.occurrence ?? earlier.length;
  call.onOccurrence?.(occurrence);
  if (known !== undefined) {
    await trx
      .updateTable('tool_effects')
      .set({ attempt: call.attempt })
      .where('task_id', '=', call.taskId)
      .where('tool', '=', call.tool)
      .where('args_digest', '=', digest)
      .where('occurrence', '=', known.occurrence)
      .execute();
    return { result: known.result as T, repeated: true }; // stored below from a T
  }
  const result = await effect();
  await trx
    .insertInto('tool_effects')
    .values({
      task_id: call.taskId,
      tool: call.tool,
      args_digest: digest,
      occurrence,
      attempt: call.attempt,
      result: JSON.stringify(result),
    })
    .execute();
  return { result, repeated: false };
}

/** JSON with the keys of every object in order, so that equal arguments give equal text. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ) ?? 'null'
  );
}
