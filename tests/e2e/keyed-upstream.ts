import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createScriptedModel, type ScriptedModel, type ScriptedModelOptions } from '@molecule/models';
import { createNodeSink } from '@molecule/models/server';

export interface KeyedUpstream {
  readonly url: string;
  readonly model: ScriptedModel;
  /** Requests that carried the key, and those that did not. */
  readonly served: () => { readonly withKey: number; readonly without: number };
  close(): Promise<void>;
}

/** A model provider on loopback that answers as the scripted model does, in all protocols, but only to who sends its key. */
export async function startKeyedUpstream(key: string, options: ScriptedModelOptions = {}): Promise<KeyedUpstream> {
  const model = createScriptedModel(options);
  let [withKey, without] = [0, 0];
  const server = createServer((request, response) => {
    const { headers } = request;
    const sent = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
    if (sent !== key) {
      without += 1;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}');
      return;
    }
    withKey += 1;
    void text(request)
      .then((body) =>
        model.handle(
          { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers, body },
          createNodeSink(response),
        ),
      )
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the upstream has no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    model,
    served: () => ({ withKey, without }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
