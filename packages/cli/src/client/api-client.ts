import http from 'node:http';
import https from 'node:https';
import { type ErrorCode, MoleculeError, Problem } from '@molecule/contracts';
import type { Connection } from './connection.ts';

const TIMEOUT_MS = 60_000;
/** A stream is taken up again for this long after the server was last heard; then it counts as gone. */
const STREAM_GONE_MS = 60_000;
const STREAM_RETRY_MS = 500;

/** Calls of the CLI to the control plane. node:http instead of fetch, because a command should start fast. */
export class ApiClient {
  readonly #connection: Connection;
  readonly #agent: http.Agent;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#agent = new (connection.url.startsWith('https:') ? https : http).Agent({ keepAlive: true });
  }

  get url(): string {
    return this.#connection.url;
  }

  /**
   * One request with a JSON answer. The caller names the type; both sides are built from the same schemas.
   * @throws MoleculeError the server's own problem, or `not_running`
   */
  async call<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.#send(method, path, body, headers, TIMEOUT_MS);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    if ((response.statusCode ?? 500) >= 400) throw problemOf(text, response.statusCode ?? 500);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** All items of a list, page by page. */
  async *items<T>(path: string): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const page: { items: T[]; nextCursor: string | null } = await this.call(
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** The server-sent events of a route; reconnects with the last id until the caller stops or `signal` aborts. */
  async *events(
    path: string,
    signal: AbortSignal,
    lastId?: string,
  ): AsyncGenerator<{ readonly id: string; readonly data: string }> {
    let last = lastId;
    let heard = Date.now();
    while (!signal.aborted) {
      try {
        const response = await this.#send(
          'GET',
          path,
          undefined,
          { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
          0,
          signal,
        );
        if ((response.statusCode ?? 500) >= 400) throw problemOf('', response.statusCode ?? 500);
        let buffered = '';
        response.setEncoding('utf8');
        for await (const chunk of response) {
          heard = Date.now();
          buffered += String(chunk);
          for (let end = buffered.indexOf('\n\n'); end >= 0; end = buffered.indexOf('\n\n')) {
            const block = buffered.slice(0, end);
            buffered = buffered.slice(end + 2);
            const id = /^id: (.*)$/m.exec(block)?.[1];
            const data = /^data: (.*)$/m.exec(block)?.[1];
            if (id === undefined || data === undefined) continue;
            last = id;
            yield { id, data };
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof MoleculeError && (error.code !== 'not_running' || Date.now() - heard > STREAM_GONE_MS))
          throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, STREAM_RETRY_MS));
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const target = new URL(this.#connection.url + path);
    // A text whose type is said goes as it is.
    const isText = typeof body === 'string' && headers['content-type'] !== undefined;
    const payload = body === undefined ? undefined : isText ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = (target.protocol === 'https:' ? https : http).request(
        target,
        {
          method,
          agent: this.#agent,
          timeout: timeoutMs,
          ...(signal === undefined ? {} : { signal }),
          headers: {
            authorization: `Bearer ${this.#connection.token}`,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...headers,
          },
        },
        resolve,
      );
      request.on('timeout', () => request.destroy(new Error('the control plane did not answer in time')));
      request.on('error', (error) =>
        reject(new MoleculeError('not_running', { params: { detail: error.message }, cause: error })),
      );
      request.end(payload);
    });
  }
}

function problemOf(text: string, status: number): MoleculeError {
  const parsed = Problem.safeParse(tryJson(text));
  if (!parsed.success) return new MoleculeError('internal', { params: { requestId: `status ${status}` } });
  return MoleculeError.fromProblem(parsed.data.code as ErrorCode, parsed.data.detail, parsed.data.hint);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
