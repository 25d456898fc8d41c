import type { BoxProcess } from '@molecule/adapters';
import { McpFailure, type McpTransport, type RpcMessage } from './mcp-session.ts';

/**
 * Newline-delimited JSON-RPC over the standard streams of a process (MCP transport "stdio").
 *
 * Lines on stdout that are no JSON-RPC message are counted and skipped: many servers log there, a strict client may not forgive it, and so
 * the proof names them. Requests of the server are answered with "method not found".
 */
export class StdioTransport implements McpTransport {
  readonly #process: BoxProcess;
  readonly #waiting = new Map<number, { resolve: (message: RpcMessage) => void; reject: (error: unknown) => void }>();
  #ended: McpFailure | null = null;
  strayLines = 0;
  firstStrayLine: string | null = null;

  constructor(process: BoxProcess) {
    this.#process = process;
    void this.#read();
  }

  async request(message: RpcMessage & { readonly id: number }): Promise<RpcMessage> {
    if (this.#ended !== null) throw this.#ended;
    const answer = new Promise<RpcMessage>((resolve, reject) => this.#waiting.set(message.id, { resolve, reject }));
    // The answer's rejection is the better explanation of a failed write.
    this.#process.write(`${JSON.stringify(message)}\n`).catch(() => undefined);
    return answer;
  }

  async notify(message: RpcMessage): Promise<void> {
    await this.#process.write(`${JSON.stringify(message)}\n`).catch(() => undefined);
  }

  async #read(): Promise<void> {
    try {
      for await (const { text, truncated } of this.#process.lines) {
        const message = truncated ? null : parseMessage(text);
        if (message === null) this.#stray(text);
        else this.#take(message);
      }
    } catch {
      // The exit below says what there is to say.
    }
    const { code, signal } = await this.#process.exited;
    const stderr = this.#process.stderrTail().slice(-1_000);
    this.#ended = new McpFailure('exited', `the server ended with ${signal ?? `code ${code}`} before it answered`, {
      exitCode: code,
      signal,
      stderr,
    });
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  #take(message: RpcMessage): void {
    const { id, method } = message;
    if (typeof method === 'string') {
      if (id !== undefined)
        void this.notify({
          jsonrpc: '2.0',
          id,
          ...(method === 'ping' ? { result: {} } : { error: { code: -32601, message: 'Method not found' } }),
        });
      return;
    }
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) return;
    this.#waiting.delete(Number(id));
    waiting.resolve(message);
  }

  #stray(text: string): void {
    if (text.trim() === '') return;
    this.strayLines += 1;
    this.firstStrayLine ??= text.slice(0, 200);
  }
}

function parseMessage(text: string): RpcMessage | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'jsonrpc' in value ? (value as RpcMessage) : null;
  } catch {
    return null;
  }
}
