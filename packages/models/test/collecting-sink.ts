import type { ReplySink } from '../src/index.ts';

export interface CollectingSink extends ReplySink {
  status: number;
  headers: Readonly<Record<string, string>>;
  readonly chunks: string[];
  ended: boolean;
  cut: boolean;
  leave(): void;
}

/** A sink that keeps what was written. */
export function collectingSink(): CollectingSink {
  const gone = new AbortController();
  const sink: CollectingSink = {
    status: 0,
    headers: {},
    chunks: [],
    ended: false,
    cut: false,
    signal: gone.signal,
    leave: () => gone.abort(),
    head: (status, headers) => {
      sink.status = status;
      sink.headers = headers;
    },
    write: async (chunk) => {
      sink.chunks.push(chunk);
    },
    end: async () => {
      sink.ended = true;
    },
    abort: () => {
      sink.cut = true;
    },
  };
  return sink;
}
