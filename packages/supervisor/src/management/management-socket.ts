import { chmodSync, rmSync } from 'node:fs';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { HEADER } from '@molecule/contracts';
import { makeSocketFolder } from './socket-folder.ts';

/** Of the connection, or of whoever sent it; the credential is put in here. */
const NOT_PASSED_ON = new Set([
  'authorization',
  'connection',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'upgrade',
]);
const CONNECTIONS = 64;

export interface ManagementSocketOptions {
  /** Folder of the box host. */
  readonly dataFolder: string;
  /** Folder of the box; it decides the path. */
  readonly boxRoot: string;
  /** Address of the control plane at the moment, without a trailing slash; null while it is not known. */
  readonly address: () => string | null;
  /** The management credential as it is now. */
  readonly token: () => string;
}

export interface ManagementSocket {
  /** Folder that the box must see for `path` to be there. */
  readonly folder: string;
  readonly path: string;
  close(): Promise<void>;
}

/**
 * The management MCP of a concierge's box: a Unix socket whose requests go on to `/mcp` of the control plane with the management credential
 * added here. So the credential never enters the box: no environment, no file, no process in there holds it (B41).
 *
 * States: open → closed. Nothing is kept between requests. A crash leaves the socket's file, which the next boot replaces.
 * A request that has certainly not reached the control plane is answered with 503, which the launcher repeats; one of which that is not certain
 * with 502, which it does not.
 * @throws Error of the system where the socket cannot be made.
 */
export async function openManagementSocket(options: ManagementSocketOptions): Promise<ManagementSocket> {
  const { folder, path } = makeSocketFolder(options.dataFolder, options.boxRoot);
  rmSync(path, { force: true });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const server = createServer((request, response) => passOn(request, response, options, agent));
  // A tool call may take as long as it takes; the launcher and the control plane have their own limits.
  server.requestTimeout = 0;
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    folder,
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  options: ManagementSocketOptions,
  agent: Agent,
): void {
  if (request.method !== 'POST' || request.url !== '/mcp')
    return void refuse(response, 404, 'only POST /mcp is answered here');
  const base = options.address();
  if (base === null) return void refuse(response, 503, 'the address of the control plane is not known yet');
  const url = new URL(`${base}/mcp`);
  const isSecure = url.protocol === 'https:';
  const outgoing = (isSecure ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    ...(isSecure ? {} : { agent }),
    headers: {
      ...passedOn(request.headers),
      authorization: `Bearer ${options.token()}`,
      [HEADER.mcpMode]: 'management',
    },
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  outgoing.once('error', (error: NodeJS.ErrnoException) => {
    if (response.headersSent) return void response.destroy();
    const isUnsent = error.code === 'ECONNREFUSED' || (error.code === 'ECONNRESET' && outgoing.reusedSocket);
    refuse(response, isUnsent ? 503 : 502, `the control plane cannot be reached (${error.code ?? error.message})`);
  });
  // The agent cancelled the call, or is gone.
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name)));
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ title: 'Management is not reachable', status, detail }));
}
