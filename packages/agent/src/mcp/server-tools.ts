import { dynamicTool, jsonSchema, type ToolSet } from 'ai';
import type { ServerConnection } from './server-connection.ts';
import { offeredName } from './tool-names.ts';

/** The servers' tools as the model gets them, and from an offered name back to server and tool. */
export interface ServerTools {
  readonly tools: ToolSet;
  readonly origin: ReadonlyMap<string, { readonly server: string; readonly tool: string }>;
}

/** A failed call is thrown, so that the model and the event stream both see it as an error and go on. */
export function serverTools(connections: ReadonlyMap<string, ServerConnection>): ServerTools {
  const tools: ToolSet = {};
  const origin = new Map<string, { server: string; tool: string }>();
  for (const [server, connection] of connections) {
    for (const tool of connection.tools) {
      const name = offeredName(server, tool.name, new Set(origin.keys()));
      origin.set(name, { server, tool: tool.name });
      tools[name] = dynamicTool({
        description: tool.description ?? tool.title ?? tool.name,
        inputSchema: jsonSchema(tool.inputSchema),
        execute: async (input, options) => {
          const outcome = await connection.call(tool.name, input, options.abortSignal ?? new AbortController().signal);
          if (!outcome.ok) throw new Error(outcome.text);
          return outcome.text;
        },
      });
    }
  }
  return { tools, origin };
}
