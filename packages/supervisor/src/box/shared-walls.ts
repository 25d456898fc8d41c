import type { BoxBackend, BoxWalls, OpenBox } from '../host/box-backend.ts';
import type { TimerWheel, WheelEntry } from '../host/timer-wheel.ts';

/** Walls stay up this long after the last use: putting them up takes 60 ms, which the next cold turn would wait for. */
const LINGER_MS = 60_000;
const CLOSE_GRACE_MS = 500;

interface Standing {
  readonly key: string;
  readonly box: Promise<OpenBox>;
  users: number;
}

/**
 * The walls of one box, put up when something runs in it and taken down when nothing has for a while: a box that only waits holds no socket and
 * no network of its own.
 *
 * States: none → standing (users > 0, or lingering) → none. When what the walls are made from changes, new users get new walls and the old ones fall with
 * their last user.
 */
export class SharedWalls implements WheelEntry {
  readonly #backend: BoxBackend;
  readonly #wheel: TimerWheel;
  #standing: Standing | null = null;
  #isClosed = false;

  constructor(backend: BoxBackend, wheel: TimerWheel) {
    this.#backend = backend;
    this.#wheel = wheel;
  }

  /** The box with these walls; the caller calls `release` once when it no longer uses it. */
  async use(walls: BoxWalls): Promise<{ readonly box: OpenBox; release(): void }> {
    if (this.#isClosed) throw new Error('The box is being stopped.');
    const key = JSON.stringify(walls);
    if (this.#standing !== null && this.#standing.key !== key) this.#retire(this.#standing);
    const standing = this.#standing ?? { key, box: this.#backend.open(walls), users: 0 };
    this.#standing = standing;
    standing.users += 1;
    this.#wheel.clear(this);
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      standing.users -= 1;
      if (standing.users > 0) return;
      if (this.#standing === standing) this.#wheel.set(this, LINGER_MS);
      else void close(standing);
    };
    try {
      return { box: await standing.box, release };
    } catch (error) {
      if (this.#standing === standing) this.#standing = null;
      throw error;
    }
  }

  onDue(): void {
    if (this.#standing !== null && this.#standing.users === 0) this.#retire(this.#standing);
  }

  /** Ends everything that runs inside, users or not. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wheel.clear(this);
    const standing = this.#standing;
    this.#standing = null;
    if (standing !== null) await close(standing);
  }

  #retire(standing: Standing): void {
    this.#standing = null;
    if (standing.users === 0) void close(standing);
  }
}

async function close(standing: Standing): Promise<void> {
  const box = await standing.box.catch(() => null);
  await box?.close(CLOSE_GRACE_MS).catch(() => undefined);
}
