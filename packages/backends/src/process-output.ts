import type { Readable } from 'node:stream';
import { type LineEvent, LineSplitter } from './line-splitter.ts';

export type OutputEvent = LineEvent & { readonly stream: 'stdout' | 'stderr' };

export interface OutputBounds {
  /** Longest line that is passed on, in bytes. */
  readonly maxLineBytes: number;
  /** Lines kept for a slow reader. At this number the process is no longer read from, and so it waits in its write. */
  readonly maxWaitingLines: number;
}

/** A stream without a living process of ours behind it is over when nothing has come for this long. */
const QUIET_MS = 1_000;

/**
 * The lines of both streams of a process in the order of their arrival, for one reader.
 *
 * States: flowing, paused (too many lines wait), ended (both streams closed; the iteration ends after the last line).
 */
export class ProcessOutput implements AsyncIterable<OutputEvent> {
  readonly #bounds: OutputBounds;
  readonly #streams = new Set<Readable>();
  #waiting: OutputEvent[] = [];
  #wake: (() => void) | null = null;
  #readers = 0;
  #discards = false;
  #lastArrivalMs = 0;

  constructor(streams: Readonly<Record<'stdout' | 'stderr', Readable | null>>, bounds: OutputBounds) {
    this.#bounds = bounds;
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = streams[name];
      if (stream !== null) this.#read(stream, name);
    }
  }

  /**
   * Where nobody reads, drops what waits and whatever comes: a process that is to end must not hang in a write. A reader that is there
   * still gets everything.
   */
  discardUnread(): void {
    if (this.#readers > 0) return;
    this.#discards = true;
    this.#waiting = [];
    for (const stream of this.#streams) stream.resume();
  }

  /**
   * Says that the process has ended, so that the streams should. One that a process beyond our reach holds open is given up once it is quiet;
   * what is still in the pipe is read before.
   */
  expectEnd(): void {
    if (this.#streams.size === 0) return;
    this.#lastArrivalMs = performance.now();
    const timer = setInterval(() => {
      const isWaitedFor = [...this.#streams].some((stream) => stream.isPaused());
      if (this.#streams.size > 0 && (isWaitedFor || performance.now() - this.#lastArrivalMs < QUIET_MS)) return;
      clearInterval(timer);
      for (const stream of this.#streams) stream.destroy();
    }, QUIET_MS / 4);
    timer.unref();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputEvent, void, void> {
    this.#readers += 1;
    try {
      yield* this.#events();
    } finally {
      this.#readers -= 1;
    }
  }

  async *#events(): AsyncGenerator<OutputEvent, void, void> {
    while (true) {
      const batch = this.#waiting;
      this.#waiting = [];
      if (batch.length > 0) {
        for (const stream of this.#streams) stream.resume();
        yield* batch;
      } else if (this.#streams.size === 0 || this.#discards) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }

  #read(stream: Readable, name: 'stdout' | 'stderr'): void {
    const splitter = new LineSplitter(this.#bounds.maxLineBytes);
    const take = (events: readonly LineEvent[]) => {
      if (this.#discards || events.length === 0) return;
      for (const event of events) this.#waiting.push({ ...event, stream: name });
      if (this.#waiting.length >= this.#bounds.maxWaitingLines) for (const each of this.#streams) each.pause();
      this.#wake?.();
    };
    this.#streams.add(stream);
    stream.on('data', (chunk: Buffer) => {
      this.#lastArrivalMs = performance.now();
      take(splitter.push(chunk));
    });
    stream.on('error', () => stream.destroy());
    stream.once('close', () => {
      this.#streams.delete(stream);
      take(splitter.finish());
      this.#wake?.();
    });
  }
}
