import type { ServerResponse } from 'node:http';
import type { ReplySink } from '../protocols/reply-sink.ts';

/** Writes an answer to a `node:http` response, waiting when the reader is slower than the writer. */
export function createNodeSink(response: ServerResponse): ReplySink {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // A reset connection is not an error of ours; `close` follows.
  response.on('error', () => gone.abort());
  const aborted = new Promise<void>((resolve) =>
    gone.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let flushed: Promise<void> = Promise.resolve();
  return {
    signal: gone.signal,
    head: (status, headers) => {
      response.writeHead(status, headers);
    },
    write: async (chunk) => {
      if (response.destroyed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      flushed = promise;
      const roomLeft = response.write(chunk, () => resolve());
      if (!roomLeft) await Promise.race([promise, aborted]);
    },
    end: () =>
      new Promise((resolve) => {
        if (response.destroyed) return resolve();
        response.on('close', () => resolve());
        response.end(() => resolve());
      }),
    // What was written is delivered first, so that a cut falls exactly where the script says.
    abort: () => {
      void Promise.race([flushed, aborted]).then(() => response.destroy());
    },
  };
}
