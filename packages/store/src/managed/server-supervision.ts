import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isRunning } from '@molecule/processes';
import { type Postmaster, stopPostmaster } from './postmaster.ts';

/*
 * Keeps one server alive.
 *
 *   running --(the process ends)--> lost --(start again, with growing pauses)--> running
 *   any --stop--> stopped (final; a start that is under way is aborted)
 *
 * A crash of our process ends the supervision and nothing else: the server runs on and is adopted later.
 */

export type ManagedPostgresEvent =
  | { readonly type: 'lost'; readonly pid: number; readonly ending: string }
  | { readonly type: 'restart_failed'; readonly error: Error; readonly retryInMs: number }
  | { readonly type: 'restarted'; readonly pid: number; readonly outageMs: number };

export interface SupervisionOptions {
  readonly cluster: string;
  readonly restart: (signal: AbortSignal) => Promise<Postmaster>;
  readonly onEvent: (event: ManagedPostgresEvent) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A server that ran for this long was well: the next loss starts again with the first pause. */
const STEADY_AFTER_MS = 5_000;
/** An adopted server is not our child, so its end has to be looked for. */
const ADOPTED_POLL_MS = 500;

export class ServerSupervision {
  readonly #options: SupervisionOptions;
  readonly #stopped = new AbortController();
  #pid = 0;
  #pauseMs = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: SupervisionOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Supervises a server that was started by this process. */
  watch(postmaster: Postmaster): void {
    this.#pid = postmaster.pid;
    this.#work = this.#keepAlive(postmaster);
  }

  /** Supervises a server that was running already. */
  adopt(pid: number): void {
    this.watch({ pid, ended: this.#endOfAdopted(pid) });
  }

  /** Ends supervision and server. Returns when no process of the server is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await stopPostmaster(this.#pid, this.#options.cluster);
    await this.#work;
  }

  async #keepAlive(first: Postmaster): Promise<void> {
    let postmaster = first;
    for (;;) {
      const since = performance.now();
      const ending = await postmaster.ended;
      if (this.#stopped.signal.aborted) return;
      if (performance.now() - since > STEADY_AFTER_MS) this.#pauseMs = 0;
      this.#options.onEvent({ type: 'lost', pid: postmaster.pid, ending });
      const next = await this.#startAgain();
      if (next === undefined) return;
      postmaster = next;
    }
  }

  async #startAgain(): Promise<Postmaster | undefined> {
    const { signal } = this.#stopped;
    const lostAt = performance.now();
    while (!signal.aborted) {
      try {
        await delay(this.#pauseMs, undefined, { signal });
        this.#pauseMs = nextPause(this.#pauseMs);
        const postmaster = await this.#options.restart(signal);
        if (signal.aborted) {
          await stopPostmaster(postmaster.pid, this.#options.cluster);
          return undefined;
        }
        this.#pid = postmaster.pid;
        this.#options.onEvent({ type: 'restarted', pid: postmaster.pid, outageMs: performance.now() - lostAt });
        return postmaster;
      } catch (error) {
        if (signal.aborted) return undefined;
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#options.onEvent({ type: 'restart_failed', error: failure, retryInMs: this.#pauseMs });
      }
    }
    return undefined;
  }

  async #endOfAdopted(pid: number): Promise<string> {
    const { startToken } = identifyProcess(pid);
    while (!this.#stopped.signal.aborted && isRunning(pid, startToken)) {
      await delay(ADOPTED_POLL_MS, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => {});
    }
    return 'it was not our child: cause unknown';
  }
}

/** The first restart comes at once, the later ones after growing pauses. */
function nextPause(pauseMs: number): number {
  return Math.min(Math.max(FIRST_PAUSE_MS, pauseMs * 2), LONGEST_PAUSE_MS);
}
