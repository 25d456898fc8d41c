/** Failures in a row that open it. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Keeps calls from a provider that does not answer. States: closed (all pass) → open (none pass, for a pause that doubles) → half open (one passes) → closed or
 * open again. Only failures to answer count; a refusal of a key or of a request is an answer.
 */
export class CircuitBreaker {
  #failures = 0;
  #openUntil = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #isTrying = false;

  /** @returns milliseconds to wait; 0 = go on */
  admit(nowMs: number): number {
    if (this.#openUntil === 0) return 0;
    if (nowMs < this.#openUntil) return this.#openUntil - nowMs;
    if (this.#isTrying) return FIRST_PAUSE_MS;
    this.#isTrying = true;
    return 0;
  }

  answered(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#isTrying = false;
  }

  /** A call ended without a verdict, e.g. because nobody waited for it any more. */
  undecided(): void {
    this.#isTrying = false;
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    if (!this.#isTrying && this.#failures < FAILURES) return;
    this.#openUntil = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#isTrying = false;
  }
}
