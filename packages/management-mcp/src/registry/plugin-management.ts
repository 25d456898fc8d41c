import type {
  PluginAllowlist,
  PluginInstalled,
  PluginUninstalled,
  SetPluginAllowlist,
  WorkspacePlugin,
} from '@molecule/contracts';
import type { ToolCall } from './management-services.ts';

/** What the plugin tools need of the control plane. A `workspace` may be given by id or by name. */
export interface PluginManagement {
  list(call: ToolCall, workspace: string): Promise<WorkspacePlugin[]>;
  /** Fetches, records, and waits until the box has proved it, at most `waitMs`. */
  install(call: ToolCall, workspace: string, source: string, waitMs: number): Promise<PluginInstalled>;
  uninstall(call: ToolCall, workspace: string, name: string, waitMs: number): Promise<PluginUninstalled>;
  getAllowlist(call: ToolCall): Promise<PluginAllowlist>;
  setAllowlist(call: ToolCall, change: SetPluginAllowlist): Promise<PluginAllowlist>;
}
