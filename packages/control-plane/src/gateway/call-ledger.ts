import { type CallExperience, type CallForecast, callNeeds, learnFromCall } from '@molecule/domain';
import {
  budgetUnits,
  type CallBatch,
  type CallReservation,
  type Executor,
  forgetReplicas,
  noteProgress,
  type OpenCall,
  type Reserved,
  type Settlement,
  touchReplica,
  writeCalls,
} from '@molecule/store';
import { tellCrossings } from '../budgets/budget-crossings.ts';
import { budgetRefusal } from '../budgets/budget-refusal.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { BelievedAnswers } from './believed-answers.ts';
import { ReservationDesk } from './reservation-desk.ts';
import { Slots } from './slots.ts';

/** Notes and settlements without a budget are written together, this often; those under a budget at once. */
const FLUSH_DELAY_MS = 50;
const RETRY_DELAY_MS = 500;
const MOST_AT_ONCE = 500;
/** How long it is believed that an org has, or has not, budgets; a change is announced and ends it at once. */
const UNITS_TTL_MS = 2_000;
/** Beats between two that are made in any case, and between two looks at processes long gone. */
const IDLE_BEATS = 60;
const FORGET_BEATS = 120;
const FORGET_REPLICAS_MS = 3_600_000;
const MOST_EXPERIENCES = 10_000;
const MOST_ORGS = 10_000;

interface PendingBatch {
  readonly batch: CallBatch;
  readonly noting: readonly LedgerEntry[];
}

export interface CallOpening extends Omit<OpenCall, 'inputTokens'> {
  /** Counted only when a budget or a cut answer needs it. */
  readonly forecast: () => Omit<CallForecast, 'experience'>;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A call that may be made. */
export interface LedgerEntry {
  readonly id: string;
  readonly open: OpenCall;
  /** Its reservation is in the database already. */
  noted: boolean;
  readonly budgeted: boolean;
  readonly forecastInput: number | null;
  /** What the stream has shown so far, for the checkpoint. */
  progress: (() => { readonly input: number; readonly output: number }) | null;
  /** Takes it out of the open calls. @returns whether it was among them */
  leave: () => boolean;
}

/**
 * Reservations and settlements of model calls. A call under a budget is reserved in the database before it is made (fail closed: no answer of the
 * database, no call); one under none is noted there within 50 ms. Each is settled exactly once, in batches, one at a time.
 *
 * State: open calls, settlements not yet written. A killed process loses neither: their rows stay, are known to be its own, and the sweep
 * of any replica settles them from what the rows say (at most `FLUSH_DELAY_MS` of calls without a budget were not noted yet).
 */
export class CallLedger {
  readonly #db: Executor;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #replicaId: string;
  readonly #open = new Slots<LedgerEntry>();
  #toNote: LedgerEntry[] = [];
  #toSettle: Settlement[] = [];
  #pending: PendingBatch | null = null;
  #batchNumber = 0;
  #isUrgent = false;
  #flushing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #units: BelievedAnswers<ReadonlySet<string>>;
  readonly #experience = new Map<string, CallExperience>();
  readonly #desk: ReservationDesk;
  readonly #heartbeatMs: number;
  #heartbeat: NodeJS.Timeout | null = null;
  #beats = 0;

  constructor(deps: {
    readonly db: Executor;
    readonly clock: Clock;
    readonly log: Logger;
    readonly replicaId: string;
    readonly heartbeatMs: number;
  }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#replicaId = deps.replicaId;
    this.#heartbeatMs = deps.heartbeatMs;
    this.#desk = new ReservationDesk(deps.db);
    this.#units = new BelievedAnswers((orgId) => budgetUnits(deps.db, orgId), UNITS_TTL_MS, MOST_ORGS);
  }

  async start(): Promise<void> {
    await touchReplica(this.#db, this.#replicaId, this.#clock.now());
    this.#heartbeat = setInterval(() => void this.#beat(), this.#heartbeatMs);
    this.#heartbeat.unref();
  }

  /** To be called when budgets of an org changed. */
  forgetUnits(orgId: string): void {
    this.#units.forget(orgId);
  }

  /** Gives leave for a call; undefined at once means there is nothing to wait for. @throws MoleculeError `budget_exceeded` */
  open(call: CallOpening): LedgerEntry | Promise<LedgerEntry> {
    const units = this.#units.known(call.orgId);
    return units !== undefined && isFree(units) ? this.#openFreely(call) : this.#openSlowly(call);
  }

  /** The call is over. */
  close(entry: LedgerEntry, used: Omit<Settlement, 'id' | 'turns' | 'turnMs'>): void {
    if (!entry.leave()) return;
    this.#toSettle.push({ ...used, id: entry.id, turns: 0, turnMs: 0 });
    if (entry.budgeted && used.failed === 0) this.#learn(entry, used);
    this.#wantFlush(entry.budgeted);
  }

  /** Resolves when everything closed before is in the database. */
  async flushed(): Promise<void> {
    while (this.#flushing !== null || this.#isBehind()) {
      this.#wantFlush(true);
      await this.#flushing;
    }
  }

  async stop(): Promise<void> {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await this.flushed();
  }

  #openFreely(call: CallOpening): LedgerEntry {
    const entry = this.#entryOf(call, 0, false, null);
    this.#toNote.push(entry);
    entry.leave = this.#open.add(entry);
    this.#wantFlush(false);
    return entry;
  }

  async #openSlowly(call: CallOpening): Promise<LedgerEntry> {
    if (isFree(await this.#units.of(call.orgId))) return this.#openFreely(call);
    const forecast = call.forecast();
    const entry = this.#entryOf(call, forecast.inputTokens, true, forecast.inputTokens);
    let reserved: Reserved;
    try {
      const { orgId, workspaceId, signal } = call;
      reserved = await this.#desk.reserve({
        orgId,
        workspaceId,
        signal,
        make: () => this.#reservation(entry, forecast),
      });
    } catch (error) {
      // The database may have granted what we never heard of, also to a caller that left meanwhile: what is not there cannot be given back, and
      // what is there must be.
      this.#giveBack(entry);
      throw error;
    }
    if (reserved.verdict !== 'granted')
      throw await budgetRefusal(this.#db, call.orgId, reserved, entry.open.model, this.#clock.now());
    entry.noted = true;
    entry.leave = this.#open.add(entry);
    return entry;
  }

  #reservation(entry: LedgerEntry, forecast: Omit<CallForecast, 'experience'>): CallReservation {
    const { id, orgId, workspaceId, provider, model, startedAt } = entry.open;
    return {
      id,
      orgId,
      workspaceId,
      replicaId: this.#replicaId,
      provider,
      model,
      at: startedAt,
      inputTokens: forecast.inputTokens,
      needs: callNeeds({ ...forecast, experience: this.#experience.get(experienceKey(entry.open)) ?? null }),
    };
  }

  #giveBack(entry: LedgerEntry): void {
    this.#toSettle.push({ id: entry.id, ...NOTHING_USED, turns: 0, turnMs: 0 });
    this.#wantFlush(true);
  }

  #entryOf(call: CallOpening, inputTokens: number, budgeted: boolean, forecastInput: number | null): LedgerEntry {
    const { forecast: _forecast, signal: _signal, ...open } = call;
    return {
      id: call.id,
      open: { ...open, inputTokens },
      noted: false,
      budgeted,
      forecastInput,
      progress: null,
      leave: () => false,
    };
  }

  #learn(entry: LedgerEntry, used: { readonly input: number; readonly output: number }): void {
    const key = experienceKey(entry.open);
    if (this.#experience.size >= MOST_EXPERIENCES) this.#experience.clear();
    this.#experience.set(
      key,
      learnFromCall(this.#experience.get(key) ?? null, {
        forecastInput: entry.forecastInput ?? 0,
        input: used.input,
        output: used.output,
      }),
    );
  }

  #wantFlush(atOnce: boolean): void {
    this.#isUrgent ||= atOnce;
    if (this.#flushing !== null) return;
    if (!this.#isUrgent) {
      this.#timer ??= setTimeout(() => this.#flushNow(), FLUSH_DELAY_MS);
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flushNow();
  }

  #flushNow(): void {
    this.#timer = null;
    this.#isUrgent = false;
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = null;
      this.#desk.wake();
      if (this.#isBehind()) this.#wantFlush(this.#pending !== null);
    });
  }

  async #flush(): Promise<void> {
    this.#pending ??= this.#nextBatch();
    const pending = this.#pending;
    try {
      const crossings = await writeCalls(this.#db, pending.batch, this.#clock.now());
      this.#pending = null;
      for (const entry of pending.noting) entry.noted = true;
      if (crossings.length > 0) await this.#db.transaction().execute((trx) => tellCrossings(trx, crossings));
    } catch (error) {
      // The same batch goes again, under the same number: whether it was taken in or not, it counts once.
      this.#log.warn({ err: error, calls: pending.batch.ended.length }, 'usage could not be written; trying again');
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }

  #isBehind(): boolean {
    return this.#pending !== null || this.#toSettle.length > 0 || this.#toNote.length > 0;
  }

  #nextBatch(): PendingBatch {
    const ended = this.#toSettle.splice(0, MOST_AT_ONCE);
    const endedIds = new Set(ended.map((each) => each.id));
    const opened = new Map(this.#toNote.map((entry) => [entry.id, entry]));
    this.#toNote = [];
    const noting = [...opened.values()].filter((entry) => !endedIds.has(entry.id));
    this.#batchNumber += 1;
    return {
      noting,
      batch: {
        replicaId: this.#replicaId,
        number: this.#batchNumber,
        began: noting.map((entry) => entry.open),
        ended: ended.map((each) => ({ ...opened.get(each.id)?.open, ...each })),
      },
    };
  }

  /** Who has nothing open needs no sign of life: the sweep looks only at calls that began longer ago than a beat. */
  async #beat(): Promise<void> {
    this.#beats += 1;
    if (this.#open.size === 0 && !this.#isBehind() && this.#beats % IDLE_BEATS !== 0) return;
    try {
      const now = this.#clock.now();
      await touchReplica(this.#db, this.#replicaId, now);
      const progress = [...this.#open].flatMap((entry) =>
        entry.noted && entry.progress !== null ? [{ id: entry.id, ...entry.progress() }] : [],
      );
      await noteProgress(this.#db, progress);
      if (this.#beats % FORGET_BEATS === 0)
        await forgetReplicas(this.#db, new Date(now.getTime() - FORGET_REPLICAS_MS));
    } catch (error) {
      this.#log.warn({ err: error }, 'a sign of life of the gateway could not be written');
    }
  }
}

/** A call that was never made. */
export const NOTHING_USED = {
  input: 0,
  output: 0,
  cached: 0,
  cacheWrite: 0,
  reasoning: 0,
  cost: 0,
  requests: 0,
  estimated: 0,
  failed: 0,
} as const;

/** No budget counts what a call uses. */
function isFree(units: ReadonlySet<string>): boolean {
  return !units.has('tokens') && !units.has('usd');
}

function experienceKey(open: OpenCall): string {
  return `${open.workspaceId} ${open.provider} ${open.model}`;
}
