import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { isMoleculeError, type McpMode, MoleculeError } from '@molecule/contracts';
import type { ToolDefinition } from './define-tool.ts';
import type { ManagementServices, ToolCall, ToolCaller } from './management-services.ts';
import { toolsOfMode } from './tool-registry.ts';

export interface McpServerInput {
  readonly name: string;
  readonly version: string;
  readonly mode: McpMode;
  readonly caller: ToolCaller;
  readonly services: ManagementServices;
  /** Runs the work of a call, perhaps more than once; given by a server that knows which failures pass. */
  readonly around?: <T>(call: ToolCall, work: () => Promise<T>) => Promise<T>;
  /** Told of every failure that is not from the catalogue. */
  readonly onUnexpected: (error: unknown, tool: string) => void;
}

const INSTRUCTIONS: Record<McpMode, string> = {
  management:
    'These tools manage the org of AI agents that you head. A workspace is one agent in its own box. Use provision_workspace to create one; it waits until the workspace is proved online. ' +
    'Report the status that a tool returns, never a guess. Before removing anything, ask the person.',
  self: 'These tools are your own affairs inside the org: see your peers, send them messages, look after tasks.',
};

/** An MCP server for one request or connection: the tools of a mode, bound to the caller. Both protocol eras are served from it. */
export function createMcpServer(input: McpServerInput): McpServer {
  const server = new McpServer(
    { name: input.name, version: input.version, title: 'Molecule' },
    { instructions: INSTRUCTIONS[input.mode], capabilities: { tools: { listChanged: false } } },
  );
  for (const [name, tool] of toolsOfMode(input.mode)) {
    const description = name === tool.name ? tool.description : `Same as ${tool.name}. ${tool.description}`;
    server.registerTool(
      name,
      {
        title: tool.title,
        description,
        inputSchema: tool.input,
        outputSchema: tool.output,
        annotations: tool.annotations,
      },
      (args, context) => callTool(input, tool, args, context.mcpReq.signal),
    );
  }
  return server;
}

async function callTool(
  input: McpServerInput,
  tool: ToolDefinition,
  args: Record<string, unknown>,
  signal: AbortSignal,
): Promise<CallToolResult> {
  try {
    if (tool.scope !== null && !input.caller.scopes.has(tool.scope))
      throw new MoleculeError('scope_missing', { params: { scope: tool.scope } });
    const call: ToolCall = { caller: input.caller, tool: tool.name, input: args, signal };
    const work = () => tool.handler(input.services, call, args);
    const output = tool.output.parse(await (input.around === undefined ? work() : input.around(call, work)));
    return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output };
  } catch (error) {
    if (!isMoleculeError(error)) input.onUnexpected(error, tool.name);
    const known = isMoleculeError(error) ? error : new MoleculeError('internal', { cause: error });
    return { isError: true, content: [{ type: 'text', text: `${known.code}: ${known.message} ${known.hint}` }] };
  }
}
