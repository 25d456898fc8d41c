import { refusal } from '../api/client.ts';
import type { MoleculeEvent } from '../api/wire.generated.ts';
import { connection } from './connection.ts';
import { SseReader } from './sse-reader.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** The server pings every 15 s; without any sign for this long the line is dead. */
const SILENCE_LIMIT_MS = 40_000;
/** After a longer gap it is cheaper to ask for the state than to hear all that happened. */
const CURSOR_LIFE_MS = 10 * 60_000;

export interface StreamHooks {
  onEvents(events: readonly MoleculeEvent[]): void;
  /** The line is there. `gap`: events may have been missed, so what is shown must be asked for again. */
  onOpen(gap: boolean): void;
  /** The session is not accepted any more. */
  onSignedOut(): void;
}

/**
 * The one event stream of the page. States: connecting → live → lost (tries again with growing pauses, at once when the machine comes back) → live.
 * It goes on after the last event it saw, so nothing is missed and nothing comes twice; without a cursor it says that there was a gap.
 */
export function startEventStream(hooks: StreamHooks): { stop(): void; retryNow(): void } {
  let cursor: string | null = null;
  let failures = 0;
  let lostAt: number | null = null;
  let first = true;
  let stopped = false;
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = async (): Promise<void> => {
    clearTimeout(timer);
    abort = new AbortController();
    const own = abort;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => own.abort(), SILENCE_LIMIT_MS);
    };
    try {
      if (lostAt !== null && Date.now() - lostAt > CURSOR_LIFE_MS) cursor = null;
      heard();
      const headers = new Headers({ accept: 'text/event-stream' });
      if (cursor !== null) headers.set('last-event-id', cursor);
      const response = await fetch('/api/v1/events', {
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: own.signal,
      });
      if (!response.ok || response.body === null) {
        const problem = await refusal(response);
        if (problem.status === 401) {
          stopped = true;
          hooks.onSignedOut();
          return;
        }
        throw problem;
      }
      const gap = !first && cursor === null;
      first = false;
      failures = 0;
      lostAt = null;
      connection.set({ line: 'live', since: null, retryAt: null });
      hooks.onOpen(gap);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const sse = new SseReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        heard();
        const events: MoleculeEvent[] = [];
        for (const { id, data } of sse.push(value)) {
          if (id !== '') cursor = id;
          if (data !== '') events.push(JSON.parse(data) as MoleculeEvent); // written by this server from its own schema
        }
        if (events.length > 0) hooks.onEvents(events);
      }
    } catch {
      // Whatever ended the line, what follows is the same: try again.
    } finally {
      clearTimeout(silence);
    }
    if (!stopped && own === abort) retryLater();
  };

  const retryLater = (): void => {
    lostAt ??= Date.now();
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.75 + Math.random() / 2);
    failures += 1;
    connection.set({ line: navigator.onLine ? 'lost' : 'offline', since: lostAt, retryAt: Date.now() + pause });
    timer = setTimeout(() => void open(), pause);
  };
  const retryNow = (): void => {
    if (stopped || connection.get().line === 'live') return;
    abort.abort();
    failures = 0;
    clearTimeout(timer);
    void open();
  };
  window.addEventListener('online', retryNow);
  void open();

  return {
    retryNow,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      abort.abort();
      window.removeEventListener('online', retryNow);
    },
  };
}
