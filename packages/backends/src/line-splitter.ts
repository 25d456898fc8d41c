/** A line was longer than the limit: its beginning is kept, the rest is dropped up to the next line end. */
export type LineEvent =
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'oversized'; readonly bytes: number; readonly beginning: string };

const KEPT_OF_OVERSIZED_BYTES = 1_024;
const LINE_FEED = 0x0a;

/**
 * Cuts a byte stream into lines without ever holding more than `maxLineBytes` of one. Bytes are decoded as UTF-8 once a line is
 * whole, so that a character cut in two by a read stays whole. A carriage return before the line end is dropped.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  push(chunk: Buffer): LineEvent[] {
    const events: LineEvent[] = [];
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      this.#add(chunk.subarray(from, at));
      events.push(this.#take());
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
    return events;
  }

  /** The last line, where the stream ended without a line end. */
  finish(): LineEvent[] {
    return this.#bytes === 0 ? [] : [this.#take()];
  }

  #add(part: Buffer): void {
    if (part.length === 0) return;
    const wasOversized = this.#bytes > this.#maxLineBytes;
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxLineBytes) this.#parts.push(part);
    else if (!wasOversized)
      this.#parts = [Buffer.from(Buffer.concat([...this.#parts, part]).subarray(0, KEPT_OF_OVERSIZED_BYTES))];
  }

  #take(): LineEvent {
    const content = Buffer.concat(this.#parts);
    const bytes = this.#bytes;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#maxLineBytes) return { type: 'oversized', bytes, beginning: content.toString('utf8') };
    const text = content.toString('utf8');
    return { type: 'line', text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}
