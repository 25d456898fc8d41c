import type { ServerResponse } from 'node:http';

const LINE_END = '\r\n';

/**
 * Writes the body of an answer piece by piece. What comes in one turn of the loop leaves as one chunk, and a chunk as one buffer: through
 * `ServerResponse.write` it would be four writes to the socket, which is most of what passing a small event on costs.
 *
 * The first bytes and the end go through the response itself, which knows of headers, of clients that take no chunks, and of answers that wait for
 * an earlier one on the same connection; only chunks between them are written by this class.
 */
export class ChunkWriter {
  readonly #to: ServerResponse;
  readonly #onFull: () => void;
  readonly #onDrained: () => void;
  readonly #isLast: () => boolean;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isScheduled = false;
  #isFull = false;
  /** Bytes have gone out, and the headers before them; `headersSent` says only that they were made. */
  #hasBegun = false;

  /**
   * @param onFull the reader is slower than what comes; after it `onDrained`, when there is room again
   * @param isLast nothing more will come, and `end` is about to be called: what waits leaves with the end
   */
  constructor(to: ServerResponse, onFull: () => void, onDrained: () => void, isLast: () => boolean) {
    this.#to = to;
    this.#onFull = onFull;
    this.#onDrained = onDrained;
    this.#isLast = isLast;
  }

  write(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#waiting.push(piece);
    this.#bytes += piece.length;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      if (!this.#isLast()) this.flush();
    });
  }

  /** Writes what waits, and the end of the answer. */
  end(): void {
    const { pieces, bytes } = this.#take();
    if (this.#to.destroyed || this.#to.writableEnded) return;
    if (pieces.length === 0) this.#to.end();
    else this.#to.end(joined(pieces, bytes));
  }

  /** Writes what waits. */
  flush(): void {
    const { pieces, bytes } = this.#take();
    if (pieces.length === 0 || this.#to.destroyed || this.#to.writableEnded) return;
    const { socket } = this.#to;
    if (!this.#hasBegun || socket === null || !this.#to.chunkedEncoding || socket.writableCorked > 0) {
      this.#hasBegun = true;
      if (!this.#to.write(joined(pieces, bytes))) this.#full(this.#to);
      return;
    }
    if (!socket.write(framed(pieces, bytes))) this.#full(socket);
  }

  #take(): { readonly pieces: readonly Buffer[]; readonly bytes: number } {
    const taken = { pieces: this.#waiting, bytes: this.#bytes };
    this.#waiting = [];
    this.#bytes = 0;
    return taken;
  }

  #full(stream: ServerResponse | NonNullable<ServerResponse['socket']>): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#onFull();
    stream.once('drain', () => {
      this.#isFull = false;
      this.#onDrained();
    });
  }
}

function joined(pieces: readonly Buffer[], bytes: number): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, bytes);
}

/** A chunk of `Transfer-Encoding: chunked` (RFC 9112, section 7.1): its length in hexadecimal digits, the bytes, each followed by a line end. */
function framed(pieces: readonly Buffer[], bytes: number): Buffer {
  const head = `${bytes.toString(16)}${LINE_END}`;
  const chunk = Buffer.allocUnsafe(head.length + bytes + LINE_END.length);
  let at = chunk.write(head, 0, 'latin1');
  for (const piece of pieces) at += piece.copy(chunk, at);
  chunk.write(LINE_END, at, 'latin1');
  return chunk;
}
