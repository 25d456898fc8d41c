/** Width of one slot. Due times are rounded up to it, so nothing fires early. */
const SLOT_MS = 50;

/** A due thing; an object instead of a closure, so that a thousand waiting boxes cost next to nothing. */
export interface WheelEntry {
  onDue(): void;
}

/**
 * One timer for all boxes of the process.
 *
 * Invariant: an entry is in at most one slot, and the timer stands at the earliest slot that is not empty. With no entry there is no timer, so the wheel
 * never keeps a process alive that is done.
 */
export class TimerWheel {
  readonly #slots = new Map<number, Set<WheelEntry>>();
  readonly #places = new Map<WheelEntry, number>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #timerSlot = Number.POSITIVE_INFINITY;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Has `entry` fire once in `delayMs`; a time given earlier is forgotten. */
  set(entry: WheelEntry, delayMs: number): void {
    this.clear(entry);
    const slot = Math.ceil((this.#now() + Math.max(delayMs, 0)) / SLOT_MS);
    const entries = this.#slots.get(slot);
    if (entries === undefined) this.#slots.set(slot, new Set([entry]));
    else entries.add(entry);
    this.#places.set(entry, slot);
    if (slot < this.#timerSlot) this.#arm(slot);
  }

  clear(entry: WheelEntry): void {
    const slot = this.#places.get(entry);
    if (slot === undefined) return;
    this.#places.delete(entry);
    const entries = this.#slots.get(slot);
    entries?.delete(entry);
    if (entries?.size === 0) this.#slots.delete(slot);
    if (this.#places.size === 0) this.#disarm();
  }

  #arm(slot: number): void {
    this.#disarm();
    this.#timerSlot = slot;
    this.#timer = setTimeout(() => this.#fire(), Math.max(slot * SLOT_MS - this.#now(), 0));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerSlot = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarm();
    const current = Math.floor(this.#now() / SLOT_MS);
    const due: WheelEntry[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [slot, entries] of this.#slots) {
      if (slot <= current) {
        due.push(...entries);
        this.#slots.delete(slot);
      } else if (slot < next) next = slot;
    }
    for (const entry of due) this.#places.delete(entry);
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    for (const entry of due) entry.onDue();
  }
}
