import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { EventStreamParser } from '../client/event-stream-parser.ts';
import { McpFailure, type McpTransport, type RpcMessage } from './mcp-session.ts';

const LARGEST_ANSWER_BYTES = 8 * 1024 * 1024;

/** JSON-RPC over MCP's streamable HTTP: one POST for each message, answered as JSON or as an event stream. */
export class HttpTransport implements McpTransport {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  /** Of its own, so that nothing of the proof stays open after it. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #session: string | null = null;

  constructor(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.#url = url;
    this.#headers = headers;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#agent.destroy(), { once: true });
  }

  async request(message: RpcMessage & { readonly id: number }): Promise<RpcMessage> {
    const answer = await this.#post(message, message.id);
    if (answer === null) throw new McpFailure('protocol', 'the server took a request and answered nothing');
    return answer;
  }

  async notify(message: RpcMessage): Promise<void> {
    await this.#post(message, null);
  }

  #post(message: RpcMessage, id: number | null): Promise<RpcMessage | null> {
    const send = this.#url.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) =>
        reject(
          new McpFailure('unreachable', `the server cannot be reached: ${error.message}`, {
            system: error.code ?? null,
          }),
        );
      const request = send(this.#url, {
        method: 'POST',
        signal: this.#signal,
        ...(this.#url.startsWith('https:') ? {} : { agent: this.#agent }),
        headers: {
          ...this.#headers,
          ...(this.#session === null ? {} : { 'mcp-session-id': this.#session }),
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
      });
      request.once('error', fail);
      request.once('response', (response) => {
        const status = response.statusCode ?? 0;
        const session = response.headers['mcp-session-id'];
        if (typeof session === 'string') this.#session = session;
        const isStream = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
        const parser = new EventStreamParser();
        let text = '';
        const settle = (data: string) => {
          const answer = parseAnswer(data, id);
          if (answer === null) return;
          resolve(answer);
          response.destroy();
        };
        response.setEncoding('utf8');
        response.once('error', fail);
        response.on('data', (part: string) => {
          if (isStream && status < 300) for (const data of parser.push(part)) settle(data);
          else text += part;
          if (text.length > LARGEST_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
        });
        response.once('end', () => {
          if (status === 401 || status === 403)
            return reject(new McpFailure('unauthorized', `the server answered ${status}`, { status }));
          if (status >= 300) return reject(new McpFailure('http_error', `the server answered ${status}`, { status }));
          if (!isStream && id !== null) settle(text);
          resolve(null);
        });
      });
      request.end(JSON.stringify(message));
    });
  }
}

function parseAnswer(data: string, id: number | null): RpcMessage | null {
  try {
    const value: unknown = JSON.parse(data);
    const found = (Array.isArray(value) ? value : [value]).find(
      (item) => typeof item === 'object' && item !== null && 'id' in item && item.id === id,
    );
    return (found as RpcMessage | undefined) ?? null;
  } catch {
    return null;
  }
}
