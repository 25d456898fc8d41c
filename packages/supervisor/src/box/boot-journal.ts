import type { BootEvent } from '@molecule/contracts';
import { isMoleculeError } from '@molecule/contracts';
import { systemCode } from '../files/box-file.ts';
import type { TimerWheel, WheelEntry } from '../host/timer-wheel.ts';

const FLUSH_DELAY_MS = 50;
const RETRY_DELAY_MS = 5_000;
const LARGEST_BATCH = 100;
/** What waits for a control plane that is away; the oldest are dropped beyond it, and the gap in `seq` shows it. */
const MOST_WAITING = 500;

export interface StepOutcome {
  readonly message?: string;
  readonly detail?: Record<string, unknown>;
}

export type NumberedEvent = BootEvent & { readonly seq: number };

/**
 * What happens in one box, told to the control plane in small batches.
 *
 * Invariants: `seq` rises by one for each event of the boot, so a repeated batch changes nothing; an event is dropped only after it was
 * acknowledged. Kept in memory: after a crash of the host there is a new boot with its own events. Waiting for the journal never holds a boot up.
 */
export class BootJournal implements WheelEntry {
  readonly #wheel: TimerWheel;
  readonly #send: (events: readonly NumberedEvent[]) => Promise<void>;
  #waiting: NumberedEvent[] = [];
  #seq = 0;
  #sending: Promise<void> | null = null;

  constructor(wheel: TimerWheel, send: (events: readonly NumberedEvent[]) => Promise<void>) {
    this.#wheel = wheel;
    this.#send = send;
  }

  /** Something that went well and took no time worth telling. */
  note(step: string, message: string, detail: Record<string, unknown>): void {
    this.add({ step, ok: true, durationMs: null, code: null, message, nextStep: null, detail });
  }

  add(event: Omit<BootEvent, 'at'>, nowMs = Date.now()): void {
    this.#waiting.push({
      ...event,
      message: event.message.slice(0, 2_000),
      at: new Date(nowMs).toISOString(),
      seq: this.#seq,
    });
    this.#seq += 1;
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#sending === null) this.#wheel.set(this, FLUSH_DELAY_MS);
  }

  /** Runs a step and records how it went and how long it took. Rethrows what the step threw. */
  async step<T>(name: string, work: () => Promise<T>, describe: (result: T) => StepOutcome = () => ({})): Promise<T> {
    const startedAt = performance.now();
    try {
      const result = await work();
      const { message = '', detail = {} } = describe(result);
      this.add({ step: name, ok: true, durationMs: elapsed(startedAt), code: null, message, nextStep: null, detail });
      return result;
    } catch (error) {
      this.add({ step: name, ok: false, durationMs: elapsed(startedAt), ...describeFailure(error), detail: {} });
      throw error;
    }
  }

  onDue(): void {
    void this.flush();
  }

  /** Sends what waits. Resolves when it was acknowledged or could not be sent; never rejects. */
  async flush(): Promise<void> {
    this.#wheel.clear(this);
    while (this.#sending !== null) await this.#sending;
    if (this.#waiting.length === 0) return;
    this.#sending = this.#drain();
    await this.#sending;
  }

  close(): void {
    this.#wheel.clear(this);
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, LARGEST_BATCH);
        await this.#send(batch);
        const last = batch.at(-1)?.seq ?? -1;
        this.#waiting = this.#waiting.filter((event) => event.seq > last);
      }
    } catch (error) {
      // A refusal does not become an acceptance by repeating it; everything else is worth another attempt.
      if (isMoleculeError(error)) this.#waiting = [];
      else this.#wheel.set(this, RETRY_DELAY_MS);
    } finally {
      this.#sending = null;
    }
  }
}

/** Code, sentence and next step of a failed step. A full disk is named, because nothing else that is said then helps. */
export function describeFailure(error: unknown): Pick<BootEvent, 'code' | 'message' | 'nextStep'> {
  if (isMoleculeError(error)) return { code: error.code, message: error.message, nextStep: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      code: 'disk_full',
      message,
      nextStep: 'Free disk space on the machine of the box host, then restart the workspace.',
    };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return { code: 'not_writable', message, nextStep: 'Check owner and mode of the data directory of the box host.' };
  if (error instanceof Error && error.name === 'ControlPlaneUnavailable')
    return { code: 'control_plane_unavailable', message, nextStep: 'The box tries again by itself.' };
  return { code: code === 'EUNKNOWN' ? 'step_failed' : code, message, nextStep: null };
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
