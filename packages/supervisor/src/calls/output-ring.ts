/** The last bytes that were written, by their position since the beginning. What is older than its size is forgotten. */
export class OutputRing {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #kept = 0;
  #end = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Position after the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Position of the first byte that is still there. */
  get start(): number {
    return this.#end - this.#kept;
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#kept += bytes.length;
    this.#end += bytes.length;
    for (let first = this.#chunks[0]; first !== undefined && this.#kept - first.length >= this.#limit; ) {
      this.#kept -= first.length;
      this.#chunks.shift();
      first = this.#chunks[0];
    }
  }

  /** From a position on, at most `limit` bytes; from the first one kept where the position is older. */
  read(from: number, limit: number): { readonly from: number; readonly bytes: Buffer } {
    const begin = Math.min(Math.max(from, this.start), this.#end);
    const all: Buffer[] = [];
    let at = this.start;
    let wanted = limit;
    for (const chunk of this.#chunks) {
      const piece = chunk.subarray(Math.max(0, begin - at), Math.max(0, begin - at) + wanted);
      at += chunk.length;
      if (at <= begin) continue;
      all.push(piece);
      wanted -= piece.length;
      if (wanted === 0) break;
    }
    return { from: begin, bytes: Buffer.concat(all) };
  }
}
