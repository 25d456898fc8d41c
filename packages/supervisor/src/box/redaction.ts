/** Shorter values are words, and striking them out everywhere would hide more than it protects. */
const SHORTEST_SECRET = 8;
const MARK = '[redacted]';

/** Strikes the given values out of texts on their way out of the box: standard error of a server, output of a tool. */
export class Redaction {
  readonly #values: readonly string[];

  constructor(values: readonly (string | null)[]) {
    this.#values = values
      .filter((value) => value !== null && value.length >= SHORTEST_SECRET)
      .sort((a, b) => (b ?? '').length - (a ?? '').length) as string[];
  }

  /** A copy in which no string, at any depth, holds one of the values; the value itself where there is nothing to strike out. */
  apply<T>(value: T): T {
    if (this.#values.length === 0) return value;
    // The shape stays the same: only strings are exchanged for strings.
    return this.#walk(value) as T;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string')
      return this.#values.reduce(
        (text, secret) => (text.includes(secret) ? text.replaceAll(secret, MARK) : text),
        value,
      );
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#walk(item)]));
  }
}
