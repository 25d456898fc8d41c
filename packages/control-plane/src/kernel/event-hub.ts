import { type EventCursor, type Executor, followEvents, newestCursor, type StoredEvent } from '@molecule/store';
import type { Logger } from './logger.ts';

/** Rows read at once; more are read at once after it. */
const BATCH = 500;
/** Pauses between looks at events that are held back: short at first, as most transactions are. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;
/** Looks after which it pays to find out whether only another database of the server holds them back. */
const LOOKS_BEFORE_ELSEWHERE = 5;
const FAILURE_PAUSE_MS = 500;
/** Safety net under the notifications, which a connection that falls silent loses: the longest that any event is late. */
const POLL_INTERVAL_MS = 3_000;

export type EventListener = (events: readonly StoredEvent[]) => void;

/** Wakes on a channel of the database; `onReconnect` says that notifications may have been lost. */
export interface Listener {
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }>;
}

/**
 * Fans the outbox out inside this replica. One reader, one cursor: every subscriber gets every event that commits after its
 * subscription exactly once and in order. A crash loses nothing: events are rows.
 *
 *   stopped → waiting → reading → waiting (nothing lies further on)
 *                       reading → held back (rows lie further on, behind a transaction that goes on) → reading, until none does
 *                       reading → failed → reading
 *   any → stopped
 *
 * Waiting ends with a notification, with the reconnection of the listener, or with the next poll. Held back ends with a notification or after a pause:
 * the transaction in the way may end without any word, so it is looked at until it has ended, however long that takes.
 */
export class EventHub {
  readonly #db: Executor;
  readonly #log: Logger;
  readonly #subscribers = new Set<EventListener>();
  #cursor: EventCursor = { xid: '0', id: 0 };
  #wanted = false;
  #reading: Promise<void> | null = null;
  #stopped = true;
  #lastMs = performance.now();
  #poll: NodeJS.Timeout | null = null;
  #endPause: (() => void) | null = null;
  #subscription: { close(): Promise<void> } | null = null;

  constructor(db: Executor, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  async start(listener: Listener): Promise<void> {
    this.#stopped = false;
    this.#cursor = await newestCursor(this.#db);
    this.#subscription = await listener.listen(
      'molecule_events',
      () => this.#wake(),
      () => this.#wake(),
    );
    this.#poll = setInterval(() => this.#wake(), POLL_INTERVAL_MS);
    this.#poll.unref();
    this.#wake();
  }

  /** Where the hub has read to; events up to it were given to subscribers. */
  get cursor(): EventCursor {
    return this.#cursor;
  }

  /** How long ago the last event came, or this process began. */
  get quietMs(): number {
    return performance.now() - this.#lastMs;
  }

  /** @returns function that ends the subscription */
  subscribe(listener: EventListener): () => void {
    this.#subscribers.add(listener);
    return () => void this.#subscribers.delete(listener);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#endPause?.();
    await this.#subscription?.close();
    await this.#reading;
    this.#subscribers.clear();
  }

  #wake(): void {
    this.#wanted = true;
    this.#endPause?.();
    if (this.#reading !== null || this.#stopped) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
      if (this.#wanted && !this.#stopped) this.#wake();
    });
  }

  async #read(): Promise<void> {
    let [looks, pauseMs] = [0, FIRST_PAUSE_MS];
    while ((this.#wanted || looks > 0) && !this.#stopped) {
      this.#wanted = false;
      try {
        const { events, heldBack } = await followEvents(this.#db, this.#cursor, BATCH, looks >= LOOKS_BEFORE_ELSEWHERE);
        const last = events.at(-1);
        if (last !== undefined) {
          this.#cursor = last.position;
          this.#lastMs = performance.now();
          this.#publish(events);
          [looks, pauseMs] = [0, FIRST_PAUSE_MS];
        }
        if (events.length === BATCH) this.#wanted = true;
        else if (heldBack) {
          looks += 1;
          await this.#pause(pauseMs);
          if (looks > LOOKS_BEFORE_ELSEWHERE) pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        } else looks = 0;
      } catch (error) {
        this.#log.warn({ err: error }, 'reading events failed; trying again');
        await this.#pause(FAILURE_PAUSE_MS);
        this.#wanted = true;
      }
    }
  }

  /** Ends early when somebody wakes the hub or stops it. */
  async #pause(ms: number): Promise<void> {
    if (this.#wanted || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = null;
  }

  #publish(events: readonly StoredEvent[]): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(events);
      } catch (error) {
        this.#log.error({ err: error }, 'an event subscriber failed');
      }
    }
  }
}
