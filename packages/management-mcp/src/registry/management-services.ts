import type { CreateWorkspace, MoleculeEvent, Readiness, Scope, Task, Template, Workspace } from '@molecule/contracts';
import type { ModelManagement } from './model-management.ts';
import type { PluginManagement } from './plugin-management.ts';

/** Who calls, as the server knows it from the token. */
export interface ToolCaller {
  readonly orgId: string;
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The workspace whose box calls; null for a person's own agent. */
  readonly workspaceId: string | null;
  readonly bootId: string | null;
}

/** One call. A repeat of the task that made it must find the earlier effect, so the services get the tool and its input too. */
export interface ToolCall {
  readonly caller: ToolCaller;
  readonly tool: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
}

/** What the tools need of the control plane, which implements it on its domain services. A `workspace` may be given by id or by name. */
export interface ManagementServices {
  readonly plugins: PluginManagement;
  readonly models: ModelManagement;
  listWorkspaces(
    call: ToolCall,
    query: { limit: number; cursor?: string },
  ): Promise<{ items: Workspace[]; nextCursor: string | null }>;
  getWorkspace(call: ToolCall, workspace: string): Promise<Workspace>;
  /** Creates it and waits until it is online or has failed, at most `waitMs`. */
  provisionWorkspace(call: ToolCall, input: CreateWorkspace, waitMs: number): Promise<Workspace>;
  restartWorkspace(call: ToolCall, workspace: string): Promise<Workspace>;
  pauseWorkspace(call: ToolCall, workspace: string): Promise<Workspace>;
  resumeWorkspace(call: ToolCall, workspace: string): Promise<Workspace>;
  deprovisionWorkspace(call: ToolCall, workspace: string, confirmName: string): Promise<Workspace>;
  whyWorkspace(call: ToolCall, workspace: string): Promise<{ workspace: Workspace; readiness: Readiness }>;
  listTemplates(call: ToolCall): Promise<Template[]>;
  listEvents(
    call: ToolCall,
    query: { limit: number; workspace?: string; cursor?: string },
  ): Promise<{ items: MoleculeEvent[]; nextCursor: string | null }>;
  /** Queues the message as a task and returns at once; with `waitMs` the answer is awaited that long. */
  sendMessage(call: ToolCall, workspace: string, text: string, waitMs: number): Promise<Task>;
  getTask(call: ToolCall, taskId: string): Promise<Task>;
  listPeers(call: ToolCall): Promise<Workspace[]>;
}
