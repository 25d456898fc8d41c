import { createHash } from 'node:crypto';

/** A text that ran this often is worth a named statement: the server then parses and plans it once per connection. */
const HOT_AFTER_RUNS = 3;
/** Each connection keeps every statement that was named on it, some 20 KiB apiece in the server. */
const MOST_NAMES = 64;
/** Texts that are counted; beyond it the counting starts anew, so that generated texts cannot fill the memory. */
const MOST_COUNTED = 512;

/** Decides which statements are prepared by name. One per pool, shared by its connections. */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #runs = new Map<string, number>();

  /** Notes one run of a text. Gives its name if it is prepared, else undefined. */
  nameFor(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined || this.#names.size >= MOST_NAMES) return name;
    const runs = (this.#runs.get(text) ?? 0) + 1;
    if (runs < HOT_AFTER_RUNS) {
      if (this.#runs.size >= MOST_COUNTED) this.#runs.clear();
      this.#runs.set(text, runs);
      return undefined;
    }
    this.#runs.delete(text);
    const made = createHash('sha256').update(text).digest('hex').slice(0, 32);
    this.#names.set(text, made);
    return made;
  }
}
