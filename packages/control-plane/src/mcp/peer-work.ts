import type { Task } from '@molecule/contracts';
import type { ToolCall } from '@molecule/management-mcp';
import type { WorkspaceRow } from '@molecule/store';

/** Work that tools give to other workspaces and look after. */
export interface PeerWork {
  /** Queues the text as a task of the workspace, as a child of the task the caller is at work on; waits for its end at most `waitMs`. */
  send(call: ToolCall, workspace: WorkspaceRow, text: string, waitMs: number): Promise<Task>;
  /** @throws MoleculeError `task_not_found`, also for a task that the caller has no business with */
  get(call: ToolCall, taskId: string): Promise<Task>;
}
