import { type CallReservation, type Executor, type Reserved, reserveCalls } from '@molecule/store';

/** A call that finds everything held looks again when one of ours is settled, and this often because of other processes. */
const HELD_POLL_MS = 100;
/** Then it is refused: whoever holds so long will not give back soon. */
const HELD_LIMIT_MS = 60_000;
const MOST_AT_ONCE = 200;

interface Ask {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly signal: AbortSignal;
  /** Made anew at each try: what a call needs follows from what the ones before have taught. */
  readonly make: () => CallReservation;
  readonly until: number;
  resolve(reserved: Reserved): void;
  reject(error: unknown): void;
}

/**
 * Asks the database for the reservations of model calls: those that ask at the same time in one statement, so that a call waits for one round trip and not for
 * those of the others. In a workspace nobody is overtaken: who finds everything held stays first in the line and is asked for again when something was given back.
 *
 * State: a line of asks per workspace, and whether its head was held; one statement at a time per org. A crash leaves what the statements left: granted
 * reservations of a process that is gone are settled by the sweep. A statement that fails refuses all that were in it.
 */
export class ReservationDesk {
  readonly #db: Executor;
  readonly #lines = new Map<string, Ask[]>();
  readonly #resting = new Set<string>();
  readonly #busy = new Set<string>();
  #poll: NodeJS.Timeout | null = null;

  constructor(db: Executor) {
    this.#db = db;
  }

  /** @returns the verdict, `held` only after a minute of waiting @throws the abort's reason; what the database throws */
  reserve(call: Pick<Ask, 'orgId' | 'workspaceId' | 'signal' | 'make'>): Promise<Reserved> {
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(call.signal.reason);
      const ask: Ask = {
        ...call,
        until: performance.now() + HELD_LIMIT_MS,
        resolve: (reserved) => {
          call.signal.removeEventListener('abort', leave);
          resolve(reserved);
        },
        reject,
      };
      // One who is being asked for right now gets an answer; who leaves then gives it back.
      const leave = (): void => {
        if (this.#remove(ask)) reject(call.signal.reason);
      };
      call.signal.addEventListener('abort', leave, { once: true });
      const line = this.#lines.get(call.workspaceId);
      if (line === undefined) this.#lines.set(call.workspaceId, [ask]);
      else line.push(ask);
      if (!this.#resting.has(call.workspaceId)) this.#start(call.orgId);
    });
  }

  /** Something was given back: who waits for it is asked for again. */
  wake(): void {
    if (this.#poll !== null) clearTimeout(this.#poll);
    this.#poll = null;
    const orgs = new Set([...this.#resting].flatMap((id) => this.#lines.get(id)?.[0]?.orgId ?? []));
    this.#resting.clear();
    for (const orgId of orgs) this.#start(orgId);
  }

  #start(orgId: string): void {
    if (this.#busy.has(orgId)) return;
    this.#busy.add(orgId);
    setImmediate(() => void this.#work(orgId));
  }

  async #work(orgId: string): Promise<void> {
    for (let batch = this.#next(orgId); batch.length > 0; batch = this.#next(orgId)) {
      try {
        const answers = await reserveCalls(
          this.#db,
          orgId,
          batch.map((ask) => ask.make()),
        );
        this.#tell(batch, answers);
      } catch (error) {
        for (const ask of batch) ask.reject(error);
      }
    }
    this.#busy.delete(orgId);
  }

  /** Takes out of their lines those that are asked for next. */
  #next(orgId: string): Ask[] {
    const batch: Ask[] = [];
    for (const [workspaceId, line] of this.#lines) {
      if (this.#resting.has(workspaceId) || line[0]?.orgId !== orgId) continue;
      batch.push(...line.splice(0, MOST_AT_ONCE - batch.length));
      if (line.length === 0) this.#lines.delete(workspaceId);
      if (batch.length >= MOST_AT_ONCE) break;
    }
    return batch;
  }

  #tell(batch: readonly Ask[], answers: readonly Reserved[]): void {
    const held = new Map<string, Ask[]>();
    for (const [index, ask] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) ask.reject(new Error('a reservation got no answer'));
      else if (answer.verdict !== 'held' || performance.now() > ask.until) ask.resolve(answer);
      else if (ask.signal.aborted) ask.reject(ask.signal.reason);
      else held.set(ask.workspaceId, [...(held.get(ask.workspaceId) ?? []), ask]);
    }
    for (const [workspaceId, asks] of held) {
      this.#lines.set(workspaceId, [...asks, ...(this.#lines.get(workspaceId) ?? [])]);
      this.#resting.add(workspaceId);
    }
    if (held.size > 0) this.#poll ??= setTimeout(() => this.wake(), HELD_POLL_MS);
  }

  #remove(ask: Ask): boolean {
    const line = this.#lines.get(ask.workspaceId);
    const at = line?.indexOf(ask) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) {
      this.#lines.delete(ask.workspaceId);
      this.#resting.delete(ask.workspaceId);
    }
    return true;
  }
}
