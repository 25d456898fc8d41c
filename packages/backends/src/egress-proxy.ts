import { lookup } from 'node:dns/promises';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { decideEgress, type EgressDecision, type ResolveName } from './egress-rule.ts';
import type { AllowedHost } from './isolation-policy.ts';
import { joinSockets } from './joined-sockets.ts';

const CONNECT_LIMIT_MS = 30_000;
/** Headers that speak to the proxy and not to the server behind it (RFC 9110, 7.6.1). */
const HOP_HEADERS = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The HTTP proxy of one box: CONNECT for TLS, absolute-form requests for plain HTTP, and nothing that is not on the list.
 * It listens nowhere by itself; the caller hands it the connections that were accepted inside the box.
 */
export function createEgressProxy(hosts: readonly AllowedHost[], resolve: ResolveName = resolveByDns): Server {
  const server = createServer((request, response) => {
    void forwardPlain(request, response, (host, port) => decideEgress(hosts, host, port, resolve));
  });
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    void openTunnel(request, client, head, (host, port) => decideEgress(hosts, host, port, resolve));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

type Decide = (host: string, port: number) => Promise<EgressDecision>;

async function openTunnel(request: IncomingMessage, client: Duplex, head: Buffer, decide: Decide): Promise<void> {
  client.on('error', () => client.destroy());
  const target = parseTarget(`http://${request.url ?? ''}`);
  if (target === null) return void client.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
  const decision = await decide(target.hostname, target.port);
  if (!decision.allowed) return void client.end(refusal(decision.reason));
  const upstream = connect({
    host: decision.address,
    port: target.port,
    timeout: CONNECT_LIMIT_MS,
    allowHalfOpen: true,
  });
  upstream.once('timeout', () => upstream.destroy());
  upstream.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
  upstream.once('connect', () => {
    upstream.setTimeout(0);
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    // Connections of the box are TCP sockets: `createServer` got them from the listener.
    joinSockets(client as Socket, upstream);
  });
}

async function forwardPlain(request: IncomingMessage, response: ServerResponse, decide: Decide): Promise<void> {
  const target = parseTarget(request.url ?? '');
  if (target === null) return void response.writeHead(400).end('This is a proxy: send the whole address.\n');
  const decision = await decide(target.hostname, target.port);
  if (!decision.allowed)
    return void response.writeHead(403, { 'content-type': 'text/plain' }).end(`Molecule: ${decision.reason}\n`);
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.has(name)));
  const upstream = httpRequest(
    {
      host: decision.address,
      port: target.port,
      method: request.method,
      path: target.path,
      headers: { ...headers, host: target.authority },
      agent: false,
    },
    (answer) => {
      const answerHeaders = Object.fromEntries(
        Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name)),
      );
      response.writeHead(answer.statusCode ?? 502, answerHeaders);
      answer.pipe(response);
    },
  );
  upstream.setTimeout(CONNECT_LIMIT_MS * 10, () => upstream.destroy());
  upstream.once('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

function parseTarget(address: string): { hostname: string; port: number; path: string; authority: string } | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'http:' || url.hostname === '') return null;
  return {
    hostname: url.hostname,
    port: Number(url.port || 80),
    path: `${url.pathname}${url.search}`,
    authority: url.host,
  };
}

function refusal(reason: string): string {
  const body = `Molecule: ${reason}\n`;
  return `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

async function resolveByDns(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map((entry) => entry.address);
}
