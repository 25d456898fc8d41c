export { launcherScriptPath } from './launcher/launcher-path.ts';
export { defineTool, type ToolAnnotations, type ToolDefinition } from './registry/define-tool.ts';
export type { ManagementServices, ToolCall, ToolCaller } from './registry/management-services.ts';
export { createMcpServer, type McpServerInput } from './registry/mcp-server.ts';
export type { ModelManagement } from './registry/model-management.ts';
export type { PluginManagement } from './registry/plugin-management.ts';
export { TOOL_REGISTRY, toolsOfMode } from './registry/tool-registry.ts';
