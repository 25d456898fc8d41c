interface Kept<T> {
  readonly answer: T;
  /** `performance.now()` at which it was asked for. */
  readonly askedAt: number;
  isAsking: boolean;
}

/**
 * Answers of the database that are believed for a short time, so that not every model call asks. One that is in use is asked for again in the background when half of its
 * time is over: a call waits for the database only when nobody has called for long.
 *
 * State per key: none → asking (all who want it wait for the same answer) → kept, up to `ttlMs` from when it was asked for → none. What is forgotten
 * while it is being asked for is not kept.
 */
export class BelievedAnswers<T> {
  readonly #ask: (key: string) => Promise<T>;
  readonly #ttlMs: number;
  readonly #most: number;
  readonly #kept = new Map<string, Kept<T>>();
  readonly #asking = new Map<string, Promise<T>>();

  /** @param most keys kept at once; beyond it all are forgotten */
  constructor(ask: (key: string) => Promise<T>, ttlMs: number, most: number) {
    this.#ask = ask;
    this.#ttlMs = ttlMs;
    this.#most = most;
  }

  /** The answer if it is known well enough, at once. */
  known(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const age = performance.now() - kept.askedAt;
    if (age >= this.#ttlMs) {
      this.#kept.delete(key);
      return undefined;
    }
    if (age >= this.#ttlMs / 2 && !kept.isAsking) {
      kept.isAsking = true;
      // Without an answer the old one ends in its time, and who comes then gets the error.
      this.#fetch(key).catch(() => undefined);
    }
    return kept.answer;
  }

  /** Errors of the database reach all who wait, and are not kept. */
  async of(key: string): Promise<T> {
    return this.known(key) ?? this.#fetch(key);
  }

  forget(key: string): void {
    this.#kept.delete(key);
    this.#asking.delete(key);
  }

  forgetAll(): void {
    this.#kept.clear();
    this.#asking.clear();
  }

  #fetch(key: string): Promise<T> {
    const known = this.#asking.get(key);
    if (known !== undefined) return known;
    const askedAt = performance.now();
    const asking = this.#ask(key)
      .then((answer) => {
        if (this.#asking.get(key) !== asking) return answer;
        if (this.#kept.size >= this.#most) this.#kept.clear();
        this.#kept.set(key, { answer, askedAt, isAsking: false });
        return answer;
      })
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key);
      });
    this.#asking.set(key, asking);
    return asking;
  }
}
