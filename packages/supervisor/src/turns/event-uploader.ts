import type { TurnEvent } from '@molecule/contracts';

/** A reader of a chat does not see less than this; the server sees far fewer requests. */
const BATCH_DELAY_MS = 40;
const BATCH_EVENTS = 64;
/** The result carries all events of the attempt, up to the limit of the wire. */
const MOST_EVENTS = 10_000;
/** Kept free for what comes last: tool results, usage, end. */
const RESERVED_EVENTS = 200;

/**
 * Sends the events of one attempt while the turn goes on, without ever holding it up.
 *
 * Invariants: an event that was part of a request never changes, nor does its index, so a repeated batch changes nothing; at most one request is under way;
 * pieces of text that wait become one event. A batch that cannot be sent is sent again with the next one, and in the end the result carries everything.
 */
export class EventUploader {
  readonly #send: (from: number, events: readonly TurnEvent[]) => Promise<void>;
  readonly #events: TurnEvent[] = [];
  #sent = 0;
  /** Events that were part of a request, answered or not. */
  #attempted = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #isClosed = false;

  constructor(send: (from: number, events: readonly TurnEvent[]) => Promise<void>) {
    this.#send = send;
  }

  add(event: TurnEvent): void {
    if (this.#merge(event)) return;
    if (this.#events.length >= MOST_EVENTS - (event.type === 'text' || event.type === 'thinking' ? RESERVED_EVENTS : 1))
      return;
    this.#events.push(event);
    // Nobody waits to read that a turn has begun: it goes along with what it says.
    if (event.type !== 'started') this.#schedule();
  }

  /** All events so far, for the result. */
  all(): TurnEvent[] {
    return this.#events;
  }

  /** Sends nothing more. What is under way is not waited for: the result carries everything. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #merge(event: TurnEvent): boolean {
    if (event.type !== 'text' && event.type !== 'thinking') return false;
    const index = this.#events.length - 1;
    const last = this.#events[index];
    // What was given to a request once may have arrived even if the request failed: it is not touched any more.
    if (last === undefined || last.type !== event.type || index < this.#attempted) return false;
    this.#events[index] = { type: event.type, text: last.text + event.text };
    return true;
  }

  #schedule(): void {
    if (this.#isClosed || this.#sending !== null || this.#timer !== null) return;
    const isFull = this.#events.length - this.#sent >= BATCH_EVENTS;
    const waitMs = isFull ? 0 : Math.max(0, this.#lastSentAt + BATCH_DELAY_MS - performance.now());
    this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  #flush(): void {
    this.#timer = null;
    const from = this.#sent;
    const batch = this.#events.slice(from, from + 500);
    if (batch.length === 0 || this.#isClosed) return;
    this.#attempted = Math.max(this.#attempted, from + batch.length);
    this.#lastSentAt = performance.now();
    this.#sending = this.#send(from, batch)
      .then(
        () => {
          this.#sent = from + batch.length;
        },
        () => undefined,
      )
      .then(() => {
        this.#sending = null;
        if (this.#events.length > this.#sent) this.#schedule();
      });
  }
}
