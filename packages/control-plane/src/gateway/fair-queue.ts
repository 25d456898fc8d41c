export interface QueueLimits {
  /** Calls in progress at once, all together. */
  readonly total: number;
  /** Of one member. */
  readonly perMember: number;
  /** Waiting calls of one member; more are refused. */
  readonly waitingPerMember: number;
}

interface Waiting {
  readonly member: string;
  readonly start: () => void;
}

/** Refused because too many of the same member wait already. */
export class QueueFull extends Error {}

/**
 * Places for calls to one provider, shared fairly: members that wait get the next place in turns, whoever asked most. State: places taken per member, and a
 * line per member. Nothing outlives the process.
 */
export class FairQueue {
  readonly #limits: QueueLimits;
  readonly #running = new Map<string, number>();
  readonly #lines = new Map<string, Waiting[]>();
  #total = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#total;
  }

  /**
   * Takes a place: at once, or when it is the member's turn. @returns function that gives it back
   * @throws QueueFull; the abort's reason
   */
  enter(member: string, signal: AbortSignal): (() => void) | Promise<() => void> {
    if (this.#hasRoom(member) && this.#lines.get(member) === undefined) return this.#take(member);
    const line = this.#lines.get(member) ?? [];
    if (line.length >= this.#limits.waitingPerMember) throw new QueueFull();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        member,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#take(member));
        },
      };
      const leave = (): void => {
        this.#remove(waiting);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      line.push(waiting);
      this.#lines.set(member, line);
      if (signal.aborted) leave();
    });
  }

  #hasRoom(member: string): boolean {
    return this.#total < this.#limits.total && (this.#running.get(member) ?? 0) < this.#limits.perMember;
  }

  #take(member: string): () => void {
    this.#total += 1;
    this.#running.set(member, (this.#running.get(member) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#total -= 1;
      const left = (this.#running.get(member) ?? 1) - 1;
      if (left === 0) this.#running.delete(member);
      else this.#running.set(member, left);
      this.#admit();
    };
  }

  /** The first line that may go on gives its first and moves behind the others: a Map keeps the order of insertion. */
  #admit(): void {
    for (const [member, line] of [...this.#lines]) {
      if (this.#total >= this.#limits.total) return;
      if (!this.#hasRoom(member)) continue;
      const next = line.shift();
      this.#lines.delete(member);
      if (line.length > 0) this.#lines.set(member, line);
      next?.start();
    }
  }

  #remove(waiting: Waiting): void {
    const line = this.#lines.get(waiting.member);
    const at = line?.indexOf(waiting) ?? -1;
    if (line === undefined || at < 0) return;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(waiting.member);
  }
}
