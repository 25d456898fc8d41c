import type { CallToolResult, Client, Tool, Transport } from '@modelcontextprotocol/client';
import type { ServerEntry } from '../configuration/server-entry.ts';
import { AGENT_VERSION } from '../version.ts';
import { boundedText } from '../work-tools/bounded-text.ts';
import { serverEnvironment } from './child-environment.ts';

/** A server that has not answered `initialize` and `tools/list` by then counts as broken. */
export const CONNECT_TIMEOUT_MS = 30_000;
/** Silence after which a tool call is given up; progress notifications start the time anew. */
export const TOOL_CALL_TIMEOUT_MS = 600_000;

export interface ToolCallOutcome {
  readonly ok: boolean;
  readonly text: string;
}

/** A connected server. `closed` turns true when it went away; the owner then connects anew. */
export interface ServerConnection {
  readonly tools: readonly Tool[];
  readonly instructions: string | null;
  readonly closed: () => boolean;
  call(tool: string, input: unknown, signal: AbortSignal): Promise<ToolCallOutcome>;
  close(): Promise<void>;
}

/** Starts or reaches a server and lists its tools. The entry's references are filled in already. Throws when it cannot. */
export async function connectServer(
  entry: ServerEntry,
  parentEnv: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<ServerConnection> {
  const { Client } = await import('@modelcontextprotocol/client');
  const client = new Client({ name: 'molecule-agent', version: AGENT_VERSION });
  let stderr = '';
  let tools: readonly Tool[] = [];
  let closed = false;
  const transport = await makeTransport(entry, parentEnv, folder, (text) => {
    stderr = (stderr + text).slice(-2000);
  });
  client.onclose = () => {
    closed = true;
  };
  try {
    await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
    tools = await listAllTools(client);
    client.setNotificationHandler('notifications/tools/list_changed', async () => {
      tools = await listAllTools(client).catch(() => tools);
    });
  } catch (error) {
    await client.close().catch(() => undefined);
    const said = stderr.trim() === '' ? '' : ` It said: ${stderr.trim().slice(-500)}`;
    throw new Error(`${error instanceof Error ? error.message : String(error)}.${said}`, { cause: error });
  }
  return {
    get tools() {
      return tools;
    },
    instructions: client.getInstructions() ?? null,
    closed: () => closed,
    call: async (tool, input, signal) => {
      const args = typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : {};
      return outcomeOf(
        await client.callTool(
          { name: tool, arguments: args },
          { signal, timeout: TOOL_CALL_TIMEOUT_MS, resetTimeoutOnProgress: true },
        ),
      );
    },
    close: () => client.close(),
  };
}

async function makeTransport(
  entry: ServerEntry,
  parentEnv: Readonly<Record<string, string | undefined>>,
  folder: string,
  onStderr: (text: string) => void,
): Promise<Transport> {
  if (entry.kind === 'http') {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    return new StreamableHTTPClientTransport(new URL(entry.url), { requestInit: { headers: { ...entry.headers } } });
  }
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  const transport = new StdioClientTransport({
    command: entry.command,
    args: [...entry.args],
    env: serverEnvironment(parentEnv, entry.env),
    cwd: folder,
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => onStderr(chunk.toString('utf8')));
  return transport;
}

async function listAllTools(client: Client): Promise<readonly Tool[]> {
  const { tools } = await client.listTools(undefined, { timeout: CONNECT_TIMEOUT_MS });
  return tools;
}

function outcomeOf(result: CallToolResult): ToolCallOutcome {
  const parts = result.content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`));
  const text = parts.length > 0 ? parts.join('\n') : JSON.stringify(result.structuredContent ?? {});
  return { ok: result.isError !== true, text: boundedText(text) };
}
