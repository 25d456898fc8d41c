/**
 * Why a running turn is ended from outside. `cancelled`: somebody wanted it. `deadline`: it took too long. `lost`: another attempt has the task, so its result
 * is dropped. `stopping`: the box ends; nothing is reported, and the control plane gives the task out again.
 */
export type AbortReason = 'cancelled' | 'deadline' | 'lost' | 'stopping';

/** Ends a turn at most once; the first reason stands. */
export class TurnAbort {
  readonly #controller = new AbortController();
  #reason: AbortReason | null = null;

  get reason(): AbortReason | null {
    return this.#reason;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: AbortReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    // The reason by which adapters tell a deadline from a cancel.
    this.#controller.abort(
      reason === 'deadline' ? new DOMException('The turn did not end before its deadline.', 'TimeoutError') : undefined,
    );
  }
}
