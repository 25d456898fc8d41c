import type { Executor } from '@molecule/store';
import type { Logger } from '../kernel/logger.ts';
import type { Principal } from '../kernel/principal.ts';
import type { LiveAnswer } from './answer-relay.ts';
import { Slots } from './slots.ts';

/** How often tokens and silences are looked at while calls are in progress: a revoked token ends its calls within 1 s. */
const LOOK_INTERVAL_MS = 400;

export interface LiveLimits {
  /** A stream that says nothing for so long is broken off. */
  readonly silenceMs: number;
  readonly totalMs: number;
}

interface LiveCall {
  readonly tokenId: string;
  readonly startedAt: number;
  readonly refuse: (message: string) => void;
  answer: LiveAnswer | null;
}

/** Calls in progress, and the watch over them: silence, length, and tokens that were revoked or have run out meanwhile. One timer and one statement for all. */
export class LiveCalls {
  readonly #db: Executor;
  readonly #log: Logger;
  readonly #limits: LiveLimits;
  readonly #calls = new Slots<LiveCall>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(db: Executor, log: Logger, limits: LiveLimits) {
    this.#db = db;
    this.#log = log;
    this.#limits = limits;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** @param refuse ends the call before its answer has begun */
  add(principal: Principal, refuse: (message: string) => void): { live(answer: LiveAnswer): void; end(): void } {
    const call: LiveCall = { tokenId: principal.tokenId, startedAt: performance.now(), refuse, answer: null };
    const leave = this.#calls.add(call);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
    return {
      live: (answer) => {
        call.answer = answer;
      },
      end: () => {
        leave();
        if (this.#calls.size > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
      },
    };
  }

  async #look(): Promise<void> {
    const now = performance.now();
    for (const call of [...this.#calls]) {
      if (call.answer === null) continue;
      if (now - call.answer.lastBytesAt() > this.#limits.silenceMs)
        call.answer.cut('The model provider has stopped sending.');
      else if (now - call.startedAt > this.#limits.totalMs) call.answer.cut('The answer took too long.');
    }
    if (this.#looking) return;
    this.#looking = true;
    try {
      const ids = [...new Set([...this.#calls].map((call) => call.tokenId))];
      if (ids.length === 0) return;
      const ended = await this.#db
        .selectFrom('tokens')
        .select('id')
        .where('id', 'in', ids)
        .where((eb) => eb.or([eb('revoked_at', 'is not', null), eb('expires_at', '<=', new Date())]))
        .execute();
      const gone = new Set(ended.map((row) => row.id));
      for (const call of [...this.#calls].filter((each) => gone.has(each.tokenId))) {
        if (call.answer === null) call.refuse('The token was revoked.');
        else call.answer.cut('The token was revoked.');
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'tokens of calls in progress could not be checked');
    } finally {
      this.#looking = false;
    }
  }
}
