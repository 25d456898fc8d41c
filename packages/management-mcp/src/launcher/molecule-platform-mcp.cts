#!/usr/bin/env node
// The launcher `molecule-platform-mcp`: a thin pipe between an agent CLI (newline-delimited JSON-RPC on stdio) and the control plane's `/mcp`
// (streamable HTTP). It has no tool code of its own, so it cannot disagree with the server. CommonJS and node:http only, because an agent
// starts it often: as ESM or with fetch it would start 22 to 27 ms later (measured).
//
// States: open (stdin readable) → draining (stdin ended, answers outstanding) → gone. A crash loses only outstanding answers; the agent
// CLI sees the pipe close. Nothing is written to disk. Logs go to stderr only; stdout carries the protocol.
const http: typeof import('node:http') = require('node:http');
type ClientRequest = import('node:http').ClientRequest;
type IncomingMessage = import('node:http').IncomingMessage;

interface RpcMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: { readonly _meta?: Readonly<Record<string, unknown>>; readonly name?: unknown; readonly uri?: unknown; readonly requestId?: unknown };
}

const DRAIN_LIMIT_MS = 30_000;
const CONNECT_RETRIES = 5;
const CONNECT_RETRY_MS = 200;
/** A control plane that stops, or waits for its database, has not begun the request: it is sent again for up to 20 s. */
const BUSY_RETRIES = 40;
const BUSY_RETRY_MS = 500;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MODERN_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

const mode = process.env['MOLECULE_MCP_MODE'] === 'management' ? 'management' : 'self';
const serverName = mode === 'management' ? 'molecule-platform' : 'a2a';
const tokenName = mode === 'management' ? 'MOLECULE_ORG_API_KEY' : 'MOLECULE_API_KEY';
// In the concierge's box the credential stays outside: whoever listens on this socket adds it.
const socketPath = mode === 'management' ? optional('MOLECULE_MANAGEMENT_SOCKET') : null;
const base = socketPath === null ? required('MOLECULE_API_URL') : 'http://control-plane';
const token = socketPath === null ? required(tokenName) : null;
const endpoint = new URL(`${base.replace(/\/+$/, '')}/mcp`);
if (endpoint.protocol !== 'http:' && endpoint.protocol !== 'https:') refuse(`MOLECULE_API_URL is not an http address: ${endpoint.protocol}`);
const transport: typeof import('node:http') = endpoint.protocol === 'https:' ? require('node:https') : http;
const agent = new transport.Agent({ keepAlive: true, maxSockets: 32 });

const inFlight = new Map<string, ClientRequest>();
let outstanding = 0;
let ended = false;
let negotiatedVersion: string | null = null;

/** An unexpanded reference means that the runtime did not fill it in; sent on, it would only look like a wrong token. */
function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') return refuse(`${name} is not set`);
  if (/^(\$|\{env:|\{file:|%\w+%$)/.test(value)) return refuse(`${name} was not expanded by the runtime: it holds a placeholder, not a value`);
  return value;
}

function optional(name: string): string | null {
  return (process.env[name] ?? '') === '' ? null : required(name);
}

function refuse(why: string): never {
  process.stderr.write(`molecule-platform-mcp: ${why}. The MCP server entry must pass ${tokenName} and MOLECULE_API_URL by reference.\n`);
  process.exit(2);
}

function emit(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function fail(message: RpcMessage, text: string): void {
  if (message.id !== undefined && message.method !== undefined) emit({ jsonrpc: '2.0', id: message.id, error: { code: -32000, message: text } });
}

function headersFor(message: RpcMessage, length: number): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
    'content-length': length,
    accept: 'application/json, text/event-stream',
    'molecule-mcp-mode': mode,
    'molecule-mcp-server': serverName,
  };
  const nonce = process.env['MOLECULE_PROOF_NONCE'];
  if (nonce !== undefined && nonce !== '') headers['molecule-proof'] = nonce;
  const modern = message.params?._meta?.[MODERN_VERSION_KEY];
  if (typeof modern === 'string') {
    headers['mcp-protocol-version'] = modern;
    if (message.method !== undefined) headers['mcp-method'] = message.method;
    const name = message.params?.name ?? message.params?.uri;
    if (typeof name === 'string') headers['mcp-name'] = /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;
  } else if (negotiatedVersion !== null) headers['mcp-protocol-version'] = negotiatedVersion;
  return headers;
}

function send(line: string, message: RpcMessage, attempt: number): void {
  const body = Buffer.from(line);
  const key = message.method === undefined || message.id === undefined ? null : JSON.stringify(message.id);
  let answered = false;
  const request = transport.request(endpoint, { method: 'POST', agent, ...(socketPath === null ? {} : { socketPath }), headers: headersFor(message, body.length) }, (response) => {
    if (response.statusCode === 503 && attempt < BUSY_RETRIES) {
      response.resume();
      again(BUSY_RETRY_MS);
      return;
    }
    receive(response, message, () => { answered = true; }, done);
  });
  let finished = false;
  const again = (pauseMs: number): void => {
    finished = true;
    // Not for one that the agent has cancelled meanwhile.
    setTimeout(() => {
      if (key === null || inFlight.get(key) === request) send(line, message, attempt + 1);
      else settle();
    }, pauseMs);
  };
  const done = (problem?: string): void => {
    if (finished) return;
    finished = true;
    if (key !== null && inFlight.get(key) === request) inFlight.delete(key);
    if (problem !== undefined && !answered) fail(message, problem);
    settle();
  };
  if (attempt === 0) outstanding += 1;
  if (key !== null) inFlight.set(key, request);
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (request.destroyed && key !== null && inFlight.get(key) !== request) return done(); // cancelled by the agent: it wants no answer
    const early = error.code === 'ECONNREFUSED' || (error.code === 'ECONNRESET' && request.reusedSocket);
    if (early && attempt < CONNECT_RETRIES) {
      again(error.code === 'ECONNRESET' ? 0 : CONNECT_RETRY_MS * (attempt + 1));
      return;
    }
    done(`the control plane cannot be reached (${error.code ?? error.message})`);
  });
  request.end(body);
}

function settle(): void {
  outstanding -= 1;
  if (ended && outstanding === 0) process.exit(0);
}

function receive(response: IncomingMessage, message: RpcMessage, markAnswered: () => void, done: (problem?: string) => void): void {
  const isStream = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
  let buffered = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    buffered += chunk;
    // An event ends with a line break: without one in this chunk there is nothing new to find, however long the event grows.
    if (!isStream || !chunk.includes('\n')) return;
    for (let end = buffered.search(/\r?\n\r?\n/); end >= 0; end = buffered.search(/\r?\n\r?\n/)) {
      const block = buffered.slice(0, end);
      buffered = buffered.slice(end).replace(/^\r?\n\r?\n/, '');
      const data = block.split(/\r?\n/).filter((each) => each.startsWith('data:')).map((each) => each.slice(5).trimStart()).join('\n');
      if (data !== '') deliver(data, message, markAnswered);
    }
  });
  response.on('end', () => {
    if (!isStream && buffered !== '') deliver(buffered, message, markAnswered);
    done(`the control plane answered with status ${response.statusCode ?? 0} and no message`);
  });
  response.on('error', () => done('the control plane closed the connection before it answered'));
  response.on('aborted', () => done('the control plane closed the connection before it answered'));
}

function deliver(text: string, message: RpcMessage, markAnswered: () => void): void {
  let parsed: { id?: unknown; result?: { protocolVersion?: unknown }; error?: unknown; jsonrpc?: unknown; detail?: unknown; hint?: unknown };
  try {
    parsed = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof parsed !== 'object' || parsed === null) return;
  if (parsed.jsonrpc !== '2.0') {
    // A problem document of the control plane, e.g. a revoked token: say so in the protocol's own form.
    fail(message, `${String(parsed.detail ?? 'the control plane refused the request')} ${String(parsed.hint ?? '')}`.trim());
    return markAnswered();
  }
  if (message.method === 'initialize' && typeof parsed.result?.protocolVersion === 'string') negotiatedVersion = parsed.result.protocolVersion;
  if (parsed.id !== undefined && parsed.id === message.id) markAnswered();
  emit(parsed);
}

function take(line: string): void {
  if (line.trim() === '') return;
  let message: RpcMessage;
  try {
    message = JSON.parse(line);
  } catch {
    emit({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'the line is not valid JSON' } });
    return;
  }
  if (typeof message !== 'object' || message === null) {
    emit({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'the line is not a message' } });
    return;
  }
  if (message.method === 'notifications/cancelled') {
    const key = JSON.stringify(message.params?.requestId);
    const request = inFlight.get(key);
    inFlight.delete(key);
    request?.destroy();
    return;
  }
  send(line, message, 0);
}

// The unfinished line in pieces: joined only when its end has come, because a line of megabytes comes in hundreds of chunks.
let pending: string[] = [];
let pendingLength = 0;
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk: string) => {
  let start = 0;
  for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
    pending.push(chunk.slice(start, end));
    const line = pending.join('');
    pending = [];
    pendingLength = 0;
    take(line);
    start = end + 1;
  }
  if (start === chunk.length) return;
  pending.push(start === 0 ? chunk : chunk.slice(start));
  pendingLength += chunk.length - start;
  if (pendingLength > MAX_LINE_BYTES) refuse('a message on stdin is larger than 16 MiB');
});
process.stdin.on('end', () => {
  ended = true;
  if (outstanding === 0) process.exit(0);
  setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
});
process.stdout.on('error', () => process.exit(0)); // the agent is gone
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.exit(0));
