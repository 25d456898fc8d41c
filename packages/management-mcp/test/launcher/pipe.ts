import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { launcherScriptPath } from '../../src/launcher/launcher-path.ts';

export interface RpcMessage {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Pipe {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that came out of stdout, line by line. */
  readonly lines: string[];
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
  send(message: unknown): void;
  raw(text: string): void;
  /** The first message that is right, now or later; at most 10 s. */
  until(right: (message: RpcMessage) => boolean): Promise<RpcMessage>;
}

const LIMIT_MS = 60_000;

/** The built launcher as an agent CLI starts it: with its environment alone, and ended with the test. */
export function startPipe(env: Readonly<Record<string, string>>): Pipe {
  const child = spawn(process.execPath, [launcherScriptPath()], { env, stdio: 'pipe' });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let buffered: string[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined); // the launcher has ended
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const whole = text.split('\n');
    buffered.push(whole.shift() ?? '');
    for (const next of whole) {
      lines.push(buffered.join(''));
      buffered = [next];
    }
    if (whole.length > 0) for (const look of [...waiting]) look();
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    child,
    lines,
    stderr: () => stderr,
    exited,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    raw: (text) => void child.stdin.write(text),
    until: (right) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.map((line) => JSON.parse(line) as RpcMessage).find(right); // the protocol's own shape
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(`no such message; there are ${lines.length}: ${lines.join('\n').slice(0, 2_000)} ${stderr}`),
          );
        }, LIMIT_MS);
        waiting.add(look);
        look();
      }),
  };
}

export interface Received {
  readonly message: RpcMessage;
  readonly headers: IncomingMessage['headers'];
  readonly reply: ServerResponse;
  /** Resolves when the other side has gone before it was answered. */
  readonly gone: Promise<void>;
}

/** An HTTP server whose answers the test decides; `answer` gets each request. */
export async function startServer(
  answer: (received: Received) => void,
  socketPath?: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = JSON.parse(Buffer.concat(chunks).toString('utf8')) as RpcMessage;
      const gone = new Promise<void>((resolve) => reply.once('close', () => !reply.writableEnded && resolve()));
      answer({ message, headers: request.headers, reply, gone });
    });
  });
  await new Promise<void>((resolve) =>
    socketPath === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(socketPath, resolve),
  );
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, close };
}

/** Answers a request as JSON. */
export function answerJson({ message, reply }: Received, result: unknown): void {
  reply.writeHead(200, { 'content-type': 'application/json' });
  reply.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
}

export const environmentFor = (url: string): Record<string, string> => ({
  MOLECULE_API_URL: url,
  MOLECULE_API_KEY: 'mol_box_test',
  MOLECULE_MCP_MODE: 'self',
});
