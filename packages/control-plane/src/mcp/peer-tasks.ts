import { MoleculeError, type Task } from '@molecule/contracts';
import type { ToolCall } from '@molecule/management-mcp';
import { type Executor, findTask, publicTask, type WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { postMessage } from '../work/post-message.ts';
import { effectOnce } from './effect-guard.ts';
import type { PeerWork } from './peer-work.ts';
import { untilSeen } from './until-settled.ts';

/** Delegation by tool call: the message becomes a child of the task at which the caller is at work, and a repeated attempt sends it once. */
export class PeerTasks implements PeerWork {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  async send(call: ToolCall, workspace: WorkspaceRow, text: string, waitMs: number): Promise<Task> {
    if (workspace.id === call.caller.workspaceId)
      throw new MoleculeError('peer_not_reachable', { params: { workspace: workspace.name } });
    const { taskId } = await effectOnce(this.#services, call, async (trx) => {
      const parent = await runningTask(trx, call);
      const reply = await postMessage(trx, workspace, {
        text,
        idempotencyKey: null,
        actor: call.caller.actor,
        now: this.#services.clock.now(),
        ...(parent === undefined ? {} : { parent: { taskId: parent.id, hop: parent.hop } }),
      });
      return { taskId: reply.taskId as string };
    });
    return untilSeen(
      this.#services,
      (event) => event.taskId === taskId,
      waitMs,
      call.signal,
      async (db) => {
        const row = await findTask(db, call.caller.orgId, taskId);
        if (row === undefined) throw new MoleculeError('task_not_found', { params: { task: taskId } });
        return { value: publicTask(row), done: row.ended_at !== null };
      },
    );
  }

  async get(call: ToolCall, taskId: string): Promise<Task> {
    const valid = /^[0-9a-f-]{36}$/.test(taskId);
    const row = valid ? await findTask(this.#services.db, call.caller.orgId, taskId) : undefined;
    const mine =
      row !== undefined &&
      (call.caller.scopes.has('mcp:management') ||
        row.workspace_id === call.caller.workspaceId ||
        row.created_by === call.caller.actor);
    if (row === undefined || !mine)
      throw new MoleculeError('task_not_found', { params: { task: taskId.slice(0, 100) } });
    return publicTask(row);
  }
}

function runningTask(trx: Executor, call: ToolCall): Promise<{ id: string; hop: number } | undefined> {
  const { workspaceId, bootId } = call.caller;
  if (workspaceId === null || bootId === null) return Promise.resolve(undefined);
  return trx
    .selectFrom('tasks')
    .select(['id', 'hop'])
    .where('workspace_id', '=', workspaceId)
    .where('boot_id', '=', bootId)
    .where('status', '=', 'running')
    .executeTakeFirst();
}
