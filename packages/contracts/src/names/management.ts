import type { ToolId } from './ids.ts';

/**
 * The literals of the management MCP delivery (B78, B97): every producer and consumer imports them from here, and
 * `contracts/mcp-plugin-delivery.contract.json` is generated from them.
 */
export const MANAGEMENT_SERVER_NAME = 'molecule-platform';
export const MANAGEMENT_PLUGIN_NAME = 'molecule-platform-mcp';
/** Install name that follows from the plugin's repository (B29). */
export const MANAGEMENT_PLUGIN_DERIVED_NAME = 'molecule-ai-plugin-molecule-platform-mcp';
export const MANAGEMENT_LAUNCHER = 'molecule-platform-mcp';
export const MANAGEMENT_REQUIRED_TOOL = 'provision_workspace';
/** Name of the always-on server that every workspace has. */
export const A2A_SERVER_NAME = 'a2a';
/** Reason code of the fail-closed gate (B80). */
export const PLATFORM_MCP_MISSING = 'platform_agent_mcp_server_missing';

/** `management`: org-admin tools; `self`: a workspace's own affairs and its peers. */
export const MCP_MODES = ['management', 'self'] as const;
export type McpMode = (typeof MCP_MODES)[number];

/** Canonical tool id as the wire carries it (B91, B92): never compare it with a plugin name. */
export function toolId(serverName: string, tool: string): ToolId {
  return `mcp__${serverName}__${tool}` as ToolId; // made here and nowhere else
}
