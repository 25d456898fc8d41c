import { createServer, type IncomingMessage } from 'node:http';
import { createNodeSink } from './node-sink.ts';
import { createScriptedModel, type ScriptedModel, type ScriptedModelOptions } from './scripted-model.ts';

export interface ScriptedServerOptions extends ScriptedModelOptions {
  /** 0 takes a free port. */
  readonly port?: number;
}

export interface ScriptedServer {
  /** Address without a trailing slash, e.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  readonly model: ScriptedModel;
  close(): Promise<void>;
}

/** Larger than any conversation a CLI sends. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const LOOPBACK = '127.0.0.1';

/** Serves a scripted model on loopback, in all protocols. Rejects when the port is taken. */
export async function startScriptedServer(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const model = createScriptedModel(options);
  const server = createServer((request, response) => {
    const sink = createNodeSink(response);
    readBody(request)
      .then((body) =>
        model.handle(
          { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers, body },
          sink,
        ),
      )
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the scripted server has no TCP address');
  return {
    url: `http://${LOOPBACK}:${address.port}`,
    port: address.port,
    model,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    // An IncomingMessage without an encoding yields Buffers.
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('request body over the limit');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
