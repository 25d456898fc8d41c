import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpProbeServer {
  readonly url: string;
  readonly port: number;
  /** Authorization headers and methods of the requests so far. */
  readonly requests: readonly {
    readonly method: string;
    readonly authorization: string | undefined;
    readonly tool: string | null;
  }[];
  close(): Promise<void>;
}

/** A small MCP server over streamable HTTP that answers with plain JSON. Without a token it refuses. */
export async function startHttpProbe(name = 'look_up'): Promise<HttpProbeServer> {
  const tools = [{ name, description: 'Looks something up.', inputSchema: { type: 'object', properties: {} } }];
  const requests: { method: string; authorization: string | undefined; tool: string | null }[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const message = JSON.parse(Buffer.concat(chunks).toString()) as {
        id?: number;
        method: string;
        params?: { name?: string; protocolVersion?: string };
      }; // an MCP client sends this
      const { authorization } = request.headers;
      requests.push({ method: message.method, authorization, tool: message.params?.name ?? null });
      if (authorization === undefined) return void response.writeHead(401).end();
      if (message.id === undefined) return void response.writeHead(202).end();
      const result = answer(message.method, tools, message.params?.protocolVersion);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(method: string, tools: readonly object[], protocolVersion = '2025-06-18'): object {
  switch (method) {
    case 'initialize':
      return {
        result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'http-probe', version: '1.0.0' } },
      };
    case 'tools/list':
      return { result: { tools } };
    case 'tools/call':
      return { result: { content: [{ type: 'text', text: 'found' }] } };
    case 'ping':
      return { result: {} };
    default:
      return { error: { code: -32601, message: 'unknown method' } };
  }
}
