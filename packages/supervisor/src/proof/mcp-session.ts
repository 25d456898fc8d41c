import { toolDigest } from './tool-digest.ts';

/** One message in either direction; JSON-RPC 2.0. */
export type RpcMessage = Readonly<Record<string, unknown>>;

/** How messages get to a server and back, stdio or HTTP. */
export interface McpTransport {
  /** Sends a request and resolves with its answer. Rejects with McpFailure. */
  request(message: RpcMessage & { readonly id: number }): Promise<RpcMessage>;
  notify(message: RpcMessage): Promise<void>;
}

/** Why a server did not come alive. `reason` is stable and goes into the proof. */
export class McpFailure extends Error {
  override readonly name = 'McpFailure';
  readonly reason: string;
  readonly evidence: Readonly<Record<string, unknown>>;

  constructor(reason: string, message: string, evidence: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.reason = reason;
    this.evidence = evidence;
  }
}

export interface McpTools {
  readonly serverName: string | null;
  readonly protocolVersion: string | null;
  readonly tools: readonly string[];
  /** Tool → digest of all that an agent is told of it, so that a later change can be noticed. */
  readonly surface: Readonly<Record<string, string>>;
}

const PROTOCOL_VERSION = '2025-06-18';
const MOST_PAGES = 50;

/**
 * The shortest conversation that shows a server alive: initialize, initialized, tools/list to its last page. It calls no tool, so it has
 * no effect (B93).
 */
export async function listTools(transport: McpTransport): Promise<McpTools> {
  const hello = result(
    await transport.request({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: PROTOCOL_VERSION,
        capabilities: {},
        clientInfo: { name: 'molecule-supervisor', version: '0.1.0' },
      },
    }),
    'initialize',
  );
  await transport.notify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const tools: string[] = [];
  const surface = new Map<string, string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = result(
      await transport.request({
        jsonrpc: '2.0',
        id: page + 2,
        method: 'tools/list',
        params: cursor === undefined ? {} : { cursor },
      }),
      'tools/list',
    );
    if (!Array.isArray(answer['tools']))
      throw new McpFailure('protocol', 'tools/list was answered without a list of tools');
    for (const tool of answer['tools'] as unknown[]) {
      if (typeof tool !== 'object' || tool === null || !('name' in tool) || typeof tool.name !== 'string') continue;
      tools.push(tool.name);
      surface.set(tool.name, toolDigest(tool));
    }
    if (typeof answer['nextCursor'] !== 'string' || answer['nextCursor'] === cursor) break;
    cursor = answer['nextCursor'];
  }
  const info = hello['serverInfo'];
  const serverName =
    typeof info === 'object' && info !== null && 'name' in info && typeof info.name === 'string' ? info.name : null;
  return {
    serverName,
    protocolVersion: typeof hello['protocolVersion'] === 'string' ? hello['protocolVersion'] : null,
    tools,
    surface: Object.fromEntries(surface),
  };
}

function result(answer: RpcMessage, method: string): Readonly<Record<string, unknown>> {
  const { error, result: value } = answer;
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    throw new McpFailure(
      'server_error',
      `${method} failed: ${typeof message === 'string' ? message.slice(0, 500) : 'no message'}`,
      { rpcCode: code ?? null },
    );
  }
  if (typeof value !== 'object' || value === null)
    throw new McpFailure('protocol', `${method} was answered with neither result nor error`);
  return value as Readonly<Record<string, unknown>>;
}
