import type { BoxProcess } from '@molecule/adapters';
import type { TerminalInfo, TerminalOutput } from '@molecule/contracts';
import { OutputRing } from './output-ring.ts';

/** What a reconnected viewer can read again. */
const SCROLLBACK_BYTES = 512 * 1024;
const PIECE_BYTES = 64 * 1024;
/** A viewer that is this far behind holds the shell back; less than the scrollback, so that it misses nothing. */
const BEHIND_LIMIT_BYTES = 256 * 1024;
/** Between two reads of a viewer; after it nobody looks on. */
const VIEWER_GONE_MS = 5_000;
const END_GRACE_MS = 500;

export type TerminalEnd = Exclude<TerminalOutput['ended'], null>;

export interface TerminalLimits {
  /** Without anything typed for this long it is ended. */
  readonly idleMs: number;
  /** Without anybody looking on for this long it is ended. */
  readonly unwatchedMs: number;
}

/**
 * One shell of a box.
 *
 * States: living → ended (with the reason of the first end). The shell is held back while a viewer is far behind, and runs freely while nobody looks
 * on; then the oldest output is forgotten. A crash of the box host ends the shell with it.
 */
export class Terminal {
  readonly info: TerminalInfo;
  readonly finished: Promise<TerminalEnd>;
  readonly #child: BoxProcess;
  readonly #ring = new OutputRing(SCROLLBACK_BYTES);
  readonly #limits: TerminalLimits;
  readonly #waiting = new Set<() => void>();
  #size: { cols: number; rows: number };
  #ended: TerminalEnd | null = null;
  #wish: TerminalEnd | null = null;
  #lastTypedAt = performance.now();
  #lastReadAt = performance.now();
  #readTo = 0;
  #reading = 0;
  #isHeld = false;
  readonly #watch: NodeJS.Timeout;

  constructor(info: TerminalInfo, child: BoxProcess, limits: TerminalLimits) {
    this.info = info;
    this.#child = child;
    this.#limits = limits;
    this.#size = { cols: info.cols, rows: info.rows };
    this.#watch = setInterval(() => this.#look(), Math.max(50, Math.min(5_000, limits.idleMs / 4)));
    this.#watch.unref();
    this.finished = this.#run();
  }

  get ended(): TerminalEnd | null {
    return this.#ended;
  }

  get size(): { readonly cols: number; readonly rows: number } {
    return this.#size;
  }

  /** Output from a position on. Waits for some, at most `waitMs`. */
  async read(from: number, waitMs: number): Promise<TerminalOutput> {
    this.#noteReader(from);
    this.#reading += 1;
    if (from >= this.#ring.end && this.#ended === null && waitMs > 0) await this.#change(waitMs);
    this.#reading -= 1;
    this.#lastReadAt = performance.now();
    const piece = this.#ring.read(from, PIECE_BYTES);
    const isAll = piece.from + piece.bytes.length >= this.#ring.end;
    return { from: piece.from, data: piece.bytes.toString('base64'), ended: isAll ? this.#ended : null };
  }

  async write(data: string): Promise<void> {
    this.#lastTypedAt = performance.now();
    await this.#say({ w: data });
  }

  async resize(cols: number, rows: number): Promise<void> {
    this.#size = { cols, rows };
    await this.#say({ r: [cols, rows] });
  }

  /** Ends the shell with everything it has started; resolves when nothing of it is left. */
  async end(reason: TerminalEnd): Promise<void> {
    this.#wish ??= reason;
    await this.#child.end(END_GRACE_MS);
    await this.finished;
  }

  async #run(): Promise<TerminalEnd> {
    let hasExited = false;
    try {
      for await (const { text } of this.#child.lines) {
        const { o, x } = JSON.parse(text) as { o?: string; x?: number }; // of our own program
        if (o !== undefined) this.#take(Buffer.from(o, 'base64'));
        if (x !== undefined) hasExited = true;
      }
    } catch {
      // Cut in the middle of a line: its process was killed.
    }
    await this.#child.exited;
    clearInterval(this.#watch);
    this.#ended = this.#wish ?? (hasExited ? 'exited' : 'box_ended');
    // What the shell left running goes with it.
    await this.#child.end(END_GRACE_MS);
    this.#wake();
    return this.#ended;
  }

  #take(bytes: Buffer): void {
    this.#ring.push(bytes);
    this.#wake();
    this.#holdBack();
  }

  #noteReader(from: number): void {
    this.#lastReadAt = performance.now();
    this.#readTo = Math.max(this.#readTo, from);
    this.#holdBack();
  }

  #holdBack(): void {
    const isWatched = this.#reading > 0 || performance.now() - this.#lastReadAt < VIEWER_GONE_MS;
    const isBehind = isWatched && this.#ring.end - this.#readTo > BEHIND_LIMIT_BYTES;
    if (isBehind === this.#isHeld || this.#ended !== null) return;
    this.#isHeld = isBehind;
    void this.#say({ p: isBehind }).catch(() => undefined);
  }

  #look(): void {
    const now = performance.now();
    if (this.#reading > 0) this.#lastReadAt = now;
    this.#holdBack();
    if (now - this.#lastTypedAt > this.#limits.idleMs || now - this.#lastReadAt > this.#limits.unwatchedMs)
      void this.end('idle');
  }

  #say(message: unknown): Promise<void> {
    return this.#child.write(`${JSON.stringify(message)}\n`);
  }

  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}
