interface Turn<T> {
  readonly running: Promise<T>;
  /** Begins when the running one has ended; all who came meanwhile share it. */
  next: Promise<T> | null;
}

/**
 * Lets callers who want the same at the same time share one read. A caller never gets a read that began before it asked, so everybody sees at
 * least what was committed when they asked: their own write, too. Many open pages on one list cost the database one reader.
 */
export class SharedReads<T> {
  readonly #turns = new Map<string, Turn<T>>();

  /** @param key names all that the read depends on, the org before anything else */
  read(key: string, load: () => Promise<T>): Promise<T> {
    const turn = this.#turns.get(key);
    if (turn === undefined) return this.#begin(key, load);
    turn.next ??= turn.running.then(
      () => this.#begin(key, load),
      () => this.#begin(key, load),
    );
    return turn.next;
  }

  #begin(key: string, load: () => Promise<T>): Promise<T> {
    const turn: Turn<T> = { running: load(), next: null };
    this.#turns.set(key, turn);
    const end = (): void => {
      if (turn.next === null) this.#turns.delete(key);
    };
    turn.running.then(end, end);
    return turn.running;
  }
}
