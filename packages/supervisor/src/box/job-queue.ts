/**
 * Jobs of one box, one at a time and in their order. A job that fails is told to `onFailure`, and the next may do better.
 */
export class JobQueue {
  readonly #isOver: () => boolean;
  readonly #onFailure: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param isOver once it is true no further job begins */
  constructor(isOver: () => boolean, onFailure: (error: unknown) => void) {
    this.#isOver = isOver;
    this.#onFailure = onFailure;
  }

  /** Runs a job after those before it. @returns when it has ended, however it ended */
  add(job: () => Promise<void>): Promise<void> {
    this.#last = this.#last
      .then(async () => {
        if (!this.#isOver()) await job();
      })
      .catch(this.#onFailure);
    return this.#last;
  }
}
