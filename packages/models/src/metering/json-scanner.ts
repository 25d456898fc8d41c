import { type PathNode, ROOT_PATH } from './path-node.ts';

/**
 * An incremental JSON reader that keeps no document: it reports each scalar with its path and forgets it.
 *
 * States: between values, inside a string, inside a bare literal. Any split of the bytes gives the same reports. Memory is bounded
 * by nesting depth (`MAX_DEPTH`) and by `MAX_KEPT_CHARACTERS` of one string, so a hostile or endless body cannot grow it. Broken
 * JSON sets `broken` and is ignored up to the next `reset`; it never throws.
 */
export type ScalarListener = (path: string, value: string | number | boolean | null, characters: number) => void;

/** Longer strings are counted, and reported cut to this many UTF-16 units. */
const MAX_KEPT_CHARACTERS = 512;
/** Deeper documents count as broken: no answer nests like this, and reading must stay bounded. */
export const MAX_DEPTH = 64;
/** A number or literal longer than this is not one. */
const MAX_LITERAL_BYTES = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const decoder = new TextDecoder();

interface Frame {
  readonly isObject: boolean;
  /** Place of this container; array elements share their array's place. */
  readonly node: PathNode;
  /** Place of the value that begins next. */
  value: PathNode;
  expectsKey: boolean;
}

export class JsonScanner {
  readonly #onScalar: ScalarListener;
  #frames: Frame[] = [];
  #broken = false;
  #started = false;
  #mode: 'value' | 'string' | 'literal' = 'value';
  #escape: 'none' | 'backslash' | 1 | 2 | 3 | 4 = 'none';
  #characters = 0;
  #kept: number[] = [];
  #literal = '';

  constructor(onScalar: ScalarListener) {
    this.#onScalar = onScalar;
  }

  /** Something began that has not ended: the document was cut. */
  get unfinished(): boolean {
    return this.#frames.length > 0 || this.#mode !== 'value';
  }

  get started(): boolean {
    return this.#started;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Forgets the current document. */
  reset(): void {
    this.#frames = [];
    this.#broken = false;
    this.#started = false;
    this.#mode = 'value';
    this.#escape = 'none';
    this.#characters = 0;
    this.#kept = [];
    this.#literal = '';
  }

  push(bytes: Uint8Array, start = 0, end = bytes.length): void {
    for (let at = start; at < end && !this.#broken; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#mode === 'string') {
        if (this.#escape === 'none' && this.#kept.length >= MAX_KEPT_CHARACTERS)
          at = this.#countRun(bytes, at, end) - 1;
        else this.#inString(byte);
      } else if (this.#mode === 'literal') this.#inLiteral(byte);
      else this.#betweenValues(byte);
    }
  }

  #betweenValues(byte: number): void {
    const frame = this.#frames.at(-1);
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    this.#started = true;
    if (byte === QUOTE) {
      this.#mode = 'string';
      this.#characters = 0;
      this.#kept = [];
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (this.#frames.length >= MAX_DEPTH) this.#broken = true;
      else {
        const node = frame?.value ?? ROOT_PATH;
        this.#frames.push({ isObject: byte === OPEN_OBJECT, node, value: node, expectsKey: byte === OPEN_OBJECT });
      }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (frame === undefined || frame.isObject !== (byte === CLOSE_OBJECT)) this.#broken = true;
      else this.#frames.pop();
    } else if (byte === COMMA) {
      if (frame?.isObject === true) frame.expectsKey = true;
    } else if (byte === COLON) {
      if (frame?.isObject !== true) this.#broken = true;
    } else {
      this.#mode = 'literal';
      this.#literal = String.fromCharCode(byte);
    }
  }

  #inString(byte: number): void {
    if (this.#escape !== 'none') {
      this.#keep(byte);
      if (this.#escape === 'backslash') {
        this.#characters += 1;
        this.#escape = byte === 0x75 ? 4 : 'none';
      } else {
        this.#escape = this.#escape === 1 ? 'none' : this.#escape === 2 ? 1 : this.#escape === 3 ? 2 : 3;
      }
    } else if (byte === QUOTE) {
      this.#mode = 'value';
      this.#endString();
    } else {
      if (byte === BACKSLASH) this.#escape = 'backslash';
      // UTF-16 units: one for each lead byte, two for a lead byte of a four-byte sequence, none for a continuation byte.
      else if (byte >= 0xf0) this.#characters += 2;
      else if (byte < 0x80 || byte >= 0xc0) this.#characters += 1;
      this.#keep(byte);
    }
  }

  /** The rest of a long string is only counted; handles the quote or backslash that ends the run and gives the position after it. */
  #countRun(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    let characters = 0;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) break;
      if (byte >= 0xf0) characters += 2;
      else if (byte < 0x80 || byte >= 0xc0) characters += 1;
    }
    this.#characters += characters;
    if (at < end) {
      this.#inString(bytes[at] ?? 0);
      return at + 1;
    }
    return at;
  }

  #keep(byte: number): void {
    if (this.#kept.length < MAX_KEPT_CHARACTERS) this.#kept.push(byte);
  }

  #endString(): void {
    const frame = this.#frames.at(-1);
    const text = this.#text();
    if (frame?.isObject === true && frame.expectsKey) {
      frame.value = frame.node.child(text);
      frame.expectsKey = false;
    } else {
      this.#onScalar(this.#path(), text, this.#characters);
    }
  }

  #text(): string {
    const raw = decoder.decode(Uint8Array.from(this.#kept));
    if (!this.#kept.includes(BACKSLASH)) return raw;
    try {
      const parsed: unknown = JSON.parse(`"${raw}"`);
      return typeof parsed === 'string' ? parsed : raw;
    } catch {
      // Cut inside an escape by the limit, or not valid JSON: the raw bytes say enough for a path or a short value.
      return raw;
    }
  }

  #inLiteral(byte: number): void {
    const ends =
      byte === COMMA ||
      byte === CLOSE_OBJECT ||
      byte === CLOSE_ARRAY ||
      byte === 0x20 ||
      byte === 0x0a ||
      byte === 0x0d ||
      byte === 0x09;
    if (!ends) {
      this.#literal += String.fromCharCode(byte);
      if (this.#literal.length > MAX_LITERAL_BYTES) this.#broken = true;
      return;
    }
    this.#mode = 'value';
    this.#endLiteral();
    if (!this.#broken) this.#betweenValues(byte);
  }

  #endLiteral(): void {
    const text = this.#literal;
    if (text === 'true' || text === 'false') this.#onScalar(this.#path(), text === 'true', 0);
    else if (text === 'null') this.#onScalar(this.#path(), null, 0);
    else if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) this.#onScalar(this.#path(), Number(text), 0);
    else this.#broken = true;
  }

  #path(): string {
    return this.#frames.at(-1)?.value.path ?? '';
  }
}
