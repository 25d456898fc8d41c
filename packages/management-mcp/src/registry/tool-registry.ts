import { MANAGEMENT_REQUIRED_TOOL, type McpMode } from '@molecule/contracts';
import { modelTools } from '../tools/model-tools.ts';
import { orgTools } from '../tools/org-tools.ts';
import { pluginTools } from '../tools/plugin-tools.ts';
import { workTools } from '../tools/work-tools.ts';
import { workspaceTools } from '../tools/workspace-tools.ts';
import type { ToolDefinition } from './define-tool.ts';

/** Every tool there is. Duplicate names are refused when the module loads. */
export const TOOL_REGISTRY: readonly ToolDefinition[] = checked([
  ...workspaceTools,
  ...orgTools,
  ...pluginTools,
  ...modelTools,
  ...workTools,
]);

/** Offered tools of a mode by the name under which they are offered, aliases included, in the order of the registry. */
export function toolsOfMode(mode: McpMode): ReadonlyMap<string, ToolDefinition> {
  const offered = new Map<string, ToolDefinition>();
  for (const tool of TOOL_REGISTRY) {
    if (!tool.modes.includes(mode)) continue;
    for (const name of [tool.name, ...tool.aliases]) offered.set(name, tool);
  }
  return offered;
}

function checked(tools: readonly ToolDefinition[]): readonly ToolDefinition[] {
  const names = tools.flatMap((tool) => [tool.name, ...tool.aliases]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`the tool name ${twice} is defined twice`);
  if (!names.includes(MANAGEMENT_REQUIRED_TOOL))
    throw new Error(`the registry lacks ${MANAGEMENT_REQUIRED_TOOL}, which the online gate requires (I30)`);
  return tools;
}
