import type { BoxProcess } from '../contract/index.ts';

type Line = { readonly text: string; readonly truncated: boolean };

/**
 * A runtime's process between turns. Its lines are read one at a time and a read that was begun is never lost: a turn that stops
 * waiting leaves it to the next one.
 */
export class HeldProcess {
  readonly process: BoxProcess;
  /** Session that the process holds; null as long as it has not told. */
  sessionId: string | null;
  hasRunTurns = false;
  isDead = false;
  readonly #lines: AsyncIterator<Line>;
  #pending: Promise<IteratorResult<Line>> | null = null;

  constructor(process: BoxProcess, sessionId: string | null) {
    this.process = process;
    this.sessionId = sessionId;
    this.#lines = process.lines[Symbol.asyncIterator]();
    void process.exited.then(() => {
      this.isDead = true;
    });
  }

  /** The next line; null when there will be none; `stopped` when the promise given wins. */
  async nextLine(stop: Promise<'stopped'>): Promise<Line | null | 'stopped'> {
    this.#pending ??= this.#lines.next();
    const winner = await Promise.race([this.#pending, stop]);
    if (winner === 'stopped') return 'stopped';
    this.#pending = null;
    return winner.done === true ? null : winner.value;
  }
}
