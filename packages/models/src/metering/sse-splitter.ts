/**
 * Splits a server-sent event stream without keeping it: the bytes of each `data:` line are handed on as they come, and `onEnd`
 * says that one event is over (a blank line).
 *
 * States: at the start of a line (collecting a field name), inside a data line, inside a line that is skipped. Only an unfinished
 * field name is kept between pushes, so any split of the bytes gives the same calls. Line ends: LF, CR LF, CR.
 */
export interface SseListener {
  /** `isWhole`: these bytes are a whole data line, and the event's first. */
  data(bytes: Uint8Array, start: number, end: number, isWhole: boolean): void;
  /** The event is complete; not called for an event without data. */
  end(): void;
  /** Takes a whole event that begins here, if it knows how. @returns the place after it, or `start` when it does not */
  take(bytes: Uint8Array, start: number): number;
  /** A whole event has just ended that began in the same bytes. */
  whole(bytes: Uint8Array, start: number, end: number): void;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const DATA = 'data';
const NEWLINE = Uint8Array.of(LF);

export class SseSplitter {
  readonly #listener: SseListener;
  #state: 'field' | 'after-colon' | 'data' | 'skip' = 'field';
  #field = '';
  #hasData = false;
  /** Nothing of the event's first data line has been handed on yet. */
  #atFirst = false;
  #lastWasCr = false;
  /** The last event is over and nothing of the next one has come. */
  #isBetween = true;

  constructor(listener: SseListener) {
    this.#listener = listener;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    // Where the present event began in these bytes; -1 = in earlier ones.
    let began = this.#isBetween ? 0 : -1;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (this.#lastWasCr && byte === LF) {
        this.#lastWasCr = false;
        at += 1;
        if (this.#isBetween) began = at;
        continue;
      }
      this.#lastWasCr = false;
      if (this.#isBetween) {
        began = at;
        const after = this.#listener.take(bytes, at);
        if (after > at) {
          at = after;
          continue;
        }
      }
      this.#isBetween = false;
      if (this.#state === 'data') at = this.#dataRun(bytes, at);
      else if (this.#state === 'skip') at = this.#skipRun(bytes, at);
      else {
        this.#fieldByte(byte);
        at += 1;
        if (this.#isBetween && began >= 0) this.#listener.whole(bytes, began, at);
      }
    }
  }

  #dataRun(bytes: Uint8Array, from: number): number {
    const stop = lineEnd(bytes, from);
    if (stop > from) {
      this.#listener.data(bytes, from, stop, this.#atFirst && stop < bytes.length);
      this.#atFirst = false;
    }
    return stop < bytes.length ? this.#endLine(bytes, stop) : stop;
  }

  #skipRun(bytes: Uint8Array, from: number): number {
    const stop = lineEnd(bytes, from);
    return stop < bytes.length ? this.#endLine(bytes, stop) : stop;
  }

  #endLine(bytes: Uint8Array, at: number): number {
    this.#lastWasCr = bytes[at] === CR;
    this.#state = 'field';
    this.#field = '';
    return at + 1;
  }

  #fieldByte(byte: number): void {
    if (this.#state === 'after-colon') {
      this.#state = 'data';
      this.#atFirst = !this.#hasData && byte === SPACE;
      this.#hasData = true;
      if (byte === SPACE) return;
      if (byte === LF || byte === CR) this.#blankField(byte);
      else this.#listener.data(Uint8Array.of(byte), 0, 1, false);
    } else if (byte === LF || byte === CR) {
      const blank = this.#field === '';
      this.#blankField(byte);
      if (blank) this.#endEvent();
    } else if (byte === COLON) {
      if (this.#field !== DATA) this.#state = 'skip';
      else {
        this.#state = 'after-colon';
        // Several data lines make one event; JSON treats the newline between them as white space.
        if (this.#hasData) this.#listener.data(NEWLINE, 0, 1, false);
      }
    } else if (this.#field.length < DATA.length) {
      this.#field += String.fromCharCode(byte);
    } else {
      this.#state = 'skip';
    }
  }

  #blankField(byte: number): void {
    this.#lastWasCr = byte === CR;
    this.#state = 'field';
    this.#field = '';
  }

  #endEvent(): void {
    this.#isBetween = true;
    if (!this.#hasData) return;
    this.#hasData = false;
    this.#listener.end();
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const lf = bytes.indexOf(LF, from);
  const limit = lf < 0 ? bytes.length : lf;
  const cr = bytes.subarray(from, limit).indexOf(CR);
  return cr < 0 ? limit : from + cr;
}
