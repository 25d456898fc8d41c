/**
 * A set of things that come and go thousands of times a minute, e.g. the calls in progress.
 *
 * Not a `Set`: V8 gives one a new table every so often, and the one before keeps what was in it then and a way to its successor. Once such a table has
 * outlived two young collections, all that was ever in it or in its successors stays until the next full collection, and each young one copies all of it: pauses
 * of tens of milliseconds in which no stream goes on. Here a place that was left is emptied and used again.
 */
export class Slots<T extends object> implements Iterable<T> {
  readonly #places: (T | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** @returns function that takes it out again; more than once is as good as once. It tells whether it was still in. */
  add(item: T): () => boolean {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = item;
    let isIn = true;
    return () => {
      if (!isIn) return false;
      isIn = false;
      this.#places[place] = null;
      this.#free.push(place);
      return true;
    };
  }

  /** What is in at the moment of each step. */
  *[Symbol.iterator](): Iterator<T> {
    for (const item of this.#places) if (item !== null) yield item;
  }
}
