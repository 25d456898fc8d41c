/** While one batch waits for the disk, the next one is worked on. */
const BATCHES_AT_ONCE = 2;

/**
 * Does together what is asked for at the same time: while two batches are being worked on, the next one gathers. So the number of statements does not
 * rise with the number of callers, and nobody who is alone waits.
 *
 * States of each of the two: idle → gathering (until the loop has taken in what arrived with it) → working → idle or gathering. A batch that fails fails for all in
 * it; who is in it decides whether a try alone makes sense. A crash leaves what the work itself leaves.
 */
export class Gatherer<In, Out> {
  readonly #most: number;
  readonly #work: (batch: readonly In[]) => Promise<readonly Out[]>;
  #waiting: { readonly item: In; resolve(out: Out): void; reject(error: unknown): void }[] = [];
  #active = 0;

  /**
   * @param most items of one batch
   * @param work answers each item of a batch, in their order
   */
  constructor(most: number, work: (batch: readonly In[]) => Promise<readonly Out[]>) {
    this.#most = most;
    this.#work = work;
  }

  /** Resolves when the batch with this item is done. */
  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#active >= BATCHES_AT_ONCE) return;
      this.#active += 1;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      try {
        const answers = await this.#work(batch.map(({ item }) => item));
        if (answers.length !== batch.length) throw new Error(`${answers.length} answers for ${batch.length} items`);
        for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#active -= 1;
  }
}
