import type { AgentSession, BoxProcess } from '@molecule/adapters';
import type { TimerWheel, WheelEntry } from '../host/timer-wheel.ts';

const CLOSE_GRACE_MS = 500;

/** A conversation's session with everything that belongs to it. */
export interface OpenedSession {
  readonly session: AgentSession;
  /** Processes that the session started and that have not ended, for the case that it does not end them itself. */
  readonly processes: ReadonlySet<BoxProcess>;
  /** What must be the same for the session to be used again: environment, model, runtime. */
  readonly signature: string;
  /** Called once when the session is closed. */
  onClosed(): void;
}

class PoolEntry implements WheelEntry {
  readonly key: string;
  readonly opened: OpenedSession;
  readonly #pool: SessionPool;
  isBusy = true;

  constructor(pool: SessionPool, key: string, opened: OpenedSession) {
    this.#pool = pool;
    this.key = key;
    this.opened = opened;
  }

  onDue(): void {
    void this.#pool.discard(this);
  }
}

export type { PoolEntry };

/**
 * Warm sessions of all boxes of the host.
 *
 * States of an entry: busy (a turn runs; never closed from here) → warm (kept for the box's warm time, oldest evicted first when there are too many) → closed. A
 * warm CLI holds 160 to 230 MiB, so their number is bounded for the whole process. A crash of the host ends them all.
 */
export class SessionPool {
  readonly #wheel: TimerWheel;
  readonly #limit: number;
  /** In order of last use, oldest first. */
  readonly #entries = new Map<string, PoolEntry>();

  constructor(wheel: TimerWheel, limit: number) {
    this.#wheel = wheel;
    this.#limit = limit;
  }

  /** Takes the session of a conversation, warm if there is one of the same signature, else a new one. */
  async take(key: string, signature: string, open: () => Promise<OpenedSession>): Promise<PoolEntry> {
    const found = this.#entries.get(key);
    if (found !== undefined && !found.isBusy && found.opened.signature === signature) {
      found.isBusy = true;
      this.#wheel.clear(found);
      return found;
    }
    if (found !== undefined) await this.discard(found);
    const entry = new PoolEntry(this, key, await open());
    this.#entries.set(key, entry);
    return entry;
  }

  /** Gives a session back after a turn; `warmMs` 0 closes it. */
  async giveBack(entry: PoolEntry, warmMs: number): Promise<void> {
    entry.isBusy = false;
    if (warmMs <= 0 || this.#entries.get(entry.key) !== entry) return this.discard(entry);
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    this.#wheel.set(entry, warmMs);
    const warm = [...this.#entries.values()].filter((each) => !each.isBusy);
    await Promise.all(warm.slice(0, Math.max(0, warm.length - this.#limit)).map((each) => this.discard(each)));
  }

  /** Closes a session and whatever it left. Never rejects. */
  async discard(entry: PoolEntry): Promise<void> {
    this.#wheel.clear(entry);
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    await entry.opened.session.close(CLOSE_GRACE_MS).catch(() => undefined);
    await Promise.allSettled([...entry.opened.processes].map((each) => each.end(CLOSE_GRACE_MS)));
    entry.opened.onClosed();
  }

  /** Sessions of one box that wait for a turn. */
  warmOf(prefix: string): PoolEntry[] {
    return [...this.#entries.values()].filter((entry) => !entry.isBusy && entry.key.startsWith(prefix));
  }

  async closeAll(prefix: string): Promise<void> {
    await Promise.all(
      [...this.#entries.values()].filter((entry) => entry.key.startsWith(prefix)).map((entry) => this.discard(entry)),
    );
  }
}
