import { type Beat, type BeatRow, type Executor, flushBeats } from '@molecule/store';
import type { Logger } from '../kernel/logger.ts';

/** Beats that change nothing are written together, this often. */
export const FLUSH_INTERVAL_MS = 1_000;

export interface WrittenBeat {
  /** The row afterwards; undefined when the boot is no longer the present one. */
  readonly row: BeatRow | undefined;
  /** Leases that the batch renewed, by task: whether somebody asked to cancel. */
  readonly leases: ReadonlyMap<string, boolean>;
}

interface Pending {
  beat: Beat;
  readonly waiting: { resolve(written: WrittenBeat): void; reject(error: unknown): void }[];
}

/**
 * Writes heartbeats in batches; one writer per replica, one statement per batch.
 *
 * States: idle → collecting (until the interval ends, or at once when somebody waits) → writing → idle or collecting. While a batch is
 * being written the next one collects, so the number of transactions does not rise with the number of boxes. A beat somebody
 * waits for is answered after its batch has committed. When a batch fails, those who wait are told and the others stay for
 * the next one. A crash loses at most the times of beats of the last interval, never anything that a waiter was told.
 */
export class BeatWriter {
  readonly #db: Executor;
  readonly #log: Logger;
  readonly #onWritten: (beat: Beat, row: BeatRow | undefined) => void;
  #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | null = null;
  #urgent: NodeJS.Immediate | null = null;
  #writing: Promise<void> | null = null;
  /** Batches written so far, for metrics and tests. */
  batches = 0;

  constructor(db: Executor, log: Logger, onWritten: (beat: Beat, row: BeatRow | undefined) => void) {
    this.#db = db;
    this.#log = log;
    this.#onWritten = onWritten;
  }

  /** Leaves a beat for the next batch. */
  note(beat: Beat): void {
    this.#collect(beat);
    this.#timer ??= setTimeout(() => this.#start(), FLUSH_INTERVAL_MS).unref();
  }

  /** Writes a beat with the next batch, which starts at once, and resolves after its commit. */
  write(beat: Beat): Promise<WrittenBeat> {
    return new Promise((resolve, reject) => {
      this.#collect(beat).waiting.push({ resolve, reject });
      // At the end of this turn of the loop: all that came in with it goes into one batch.
      if (this.#writing === null) this.#urgent ??= setImmediate(() => this.#start());
    });
  }

  /** Whether a later beat than those being written lies ready for the next batch. */
  hasPending(workspaceId: string): boolean {
    return this.#pending.has(workspaceId);
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#pending.size > 0) this.#start();
    await this.#writing;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #collect(beat: Beat): Pending {
    const known = this.#pending.get(beat.workspaceId);
    if (known === undefined || known.beat.bootId !== beat.bootId) {
      // A beat of another boot of the same workspace: only one of the two is present, and the later one more likely is.
      for (const waiter of known?.waiting ?? []) waiter.resolve({ row: undefined, leases: new Map() });
      const made = { beat, waiting: [] };
      this.#pending.set(beat.workspaceId, made);
      return made;
    }
    known.beat = { ...beat, change: beat.change ?? known.beat.change, running: beat.running ?? known.beat.running };
    return known;
  }

  #start(): void {
    if (this.#writing !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#urgent !== null) clearImmediate(this.#urgent);
    this.#timer = null;
    this.#urgent = null;
    const batch = this.#pending;
    this.#pending = new Map();
    this.#writing = this.#write([...batch.values()]).finally(() => {
      this.#writing = null;
      if ([...this.#pending.values()].some((item) => item.waiting.length > 0)) this.#start();
      else if (this.#pending.size > 0) this.#timer ??= setTimeout(() => this.#start(), FLUSH_INTERVAL_MS).unref();
    });
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const { rows, leases } = await flushBeats(
        this.#db,
        batch.map((item) => item.beat),
      );
      this.batches += 1;
      for (const { beat, waiting } of batch) {
        const row = rows.get(beat.workspaceId);
        this.#onWritten(beat, row);
        for (const waiter of waiting) waiter.resolve({ row, leases });
      }
    } catch (error) {
      this.#log.warn({ err: error, beats: batch.length }, 'a batch of heartbeats was not written; trying again');
      for (const { beat, waiting } of batch) {
        for (const waiter of waiting) waiter.reject(error);
        // Nobody was told that a change is stored, so only the time of the beat is kept for the next batch.
        if (!this.#pending.has(beat.workspaceId)) this.#collect({ ...beat, change: null, running: null });
      }
    }
  }
}
