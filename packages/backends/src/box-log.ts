import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

/** A log grows to this size twice, as the current and as the one before; then the oldest half is dropped. */
const HALF_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 256 * 1024;

/**
 * The log of one box: what its main program wrote. A crash of the host loses nothing that was appended; a crash of the machine may lose the end.
 */
export class BoxLog {
  readonly #path: string;
  #file: number | null = null;
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  append(line: string): void {
    if (this.#file === null) {
      this.#file = openSync(this.#path, 'a', 0o600);
      this.#bytes = fstatSync(this.#file).size;
    }
    this.#bytes += writeSync(this.#file, `${line}\n`);
    if (this.#bytes < HALF_BYTES) return;
    this.close();
    renameSync(this.#path, `${this.#path}.1`);
  }

  /** The last lines, out of the last 256 KiB. */
  last(lines: number): string[] {
    const texts = [`${this.#path}.1`, this.#path].filter((path) => existsSync(path)).map(readTail);
    const all = texts.join('').split('\n');
    return all.slice(0, -1).slice(-lines);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function readTail(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8');
    // The first line is cut in two where the file is longer.
    return size > TAIL_BYTES ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}
