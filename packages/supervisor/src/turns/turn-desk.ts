import type { BoxProcess } from '@molecule/adapters';
import { type HeartbeatReply, isMoleculeError, type Lease, type TaskResultRequest } from '@molecule/contracts';
import { type BoxContext, loadApplied } from '../box/box-context.ts';
import type { Redaction } from '../box/redaction.ts';
import { setUpRuntime } from '../box/runtime-setup.ts';
import { waitAtMost } from '../client/bounded-wait.ts';
import { registryCalls } from '../client/registry-calls.ts';
import type { WheelEntry } from '../host/timer-wheel.ts';
import { EventUploader } from './event-uploader.ts';
import { isFinalRefusal, Outbox, type OutboxRecord } from './outbox.ts';
import type { OpenedSession } from './session-pool.ts';
import { type AbortReason, TurnAbort } from './turn-abort.ts';
import { runTurn, type TurnOutcome } from './turn-run.ts';

const FIRST_RESEND_MS = 500;
const LONGEST_RESEND_MS = 30_000;
/** Time for the end of a turn and its report when the box stops. */
const LAST_REPORT_MS = 5_000;

/**
 * The work of one box, one turn after the other.
 *
 * States: idle; working (a lease is held, its turn runs); and beside both: results that wait in the outbox. A turn's result is on the disk before it is reported,
 * and stays there until the control plane has answered. A crash loses a running turn (its lease ends, and the next attempt has a higher number)
 * and no finished one.
 */
export class TurnDesk implements WheelEntry {
  readonly #context: BoxContext;
  readonly #outbox: Outbox;
  readonly #redaction: Redaction;
  readonly #onChange: () => void;
  readonly #catchUp: (generation: number) => Promise<void>;
  #running: { readonly lease: Lease; readonly abort: TurnAbort } | null = null;
  #loop: Promise<void> | null = null;
  #isWanted = false;
  /** Set while a lease is being asked for. */
  #asking: AbortController | null = null;
  #isClosed = false;
  #resendMs = FIRST_RESEND_MS;

  /** @param catchUp applies the desired state if an older generation than this is in force; resolves also where that fails, and the last one stays in force */
  constructor(
    context: BoxContext,
    redaction: Redaction,
    onChange: () => void,
    catchUp: (generation: number) => Promise<void>,
  ) {
    this.#context = context;
    this.#outbox = new Outbox(context.layout.run);
    this.#redaction = redaction;
    this.#onChange = onChange;
    this.#catchUp = catchUp;
  }

  /** The attempt in progress, for the heartbeat that renews its lease. */
  get running(): { readonly taskId: Lease['taskId']; readonly attempt: number } | null {
    return this.#running === null ? null : { taskId: this.#running.lease.taskId, attempt: this.#running.lease.attempt };
  }

  /** There may be work: leases and runs turns until there is none. Returns at once. */
  wake(): void {
    this.#isWanted = true;
    if (this.#loop !== null || this.#isClosed) return;
    this.#loop = this.#work().finally(() => {
      this.#loop = null;
      if (this.#isWanted && !this.#isClosed) this.wake();
    });
  }

  /** Ends the running turn if it is of this task. */
  abort(taskId: string, reason: AbortReason): void {
    if (this.#running?.lease.taskId === taskId) this.#running.abort.abort(reason);
  }

  /** Ends the running turn if it is of just this attempt; the next attempt of the same task may have begun since the heartbeat that asked. */
  stop({ taskId, attempt, reason }: NonNullable<HeartbeatReply['stop']>): void {
    if (this.#running?.lease.attempt === attempt) this.abort(taskId, reason);
  }

  /** Takes no more work, gives the running turn `graceMs` to end by itself and then ends it. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#context.services.wheel.clear(this);
    this.#asking?.abort();
    if (this.#loop === null) return;
    const timer = setTimeout(() => this.#running?.abort.abort('stopping'), graceMs);
    // A result is on the disk by then; a control plane that does not answer must not hold the end up.
    await waitAtMost(this.#loop, graceMs + LAST_REPORT_MS);
    clearTimeout(timer);
  }

  /** Reports what earlier lives of this box left in the outbox. Resolves after one attempt for each; the rest is tried again later. */
  async flushOutbox(): Promise<number> {
    const records = this.#outbox.waiting();
    let isWaiting = false;
    for (const record of records) isWaiting = !(await this.#report(record, true, false)).isAnswered || isWaiting;
    if (isWaiting && !this.#isClosed) {
      this.#context.services.wheel.set(this, this.#resendMs);
      this.#resendMs = Math.min(this.#resendMs * 2, LONGEST_RESEND_MS);
    } else this.#resendMs = FIRST_RESEND_MS;
    return records.length;
  }

  onDue(): void {
    void this.flushOutbox();
  }

  async #work(): Promise<void> {
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      for (let lease = await this.#ask(); lease !== null; ) {
        const abort = new TurnAbort();
        if (this.#isClosed) abort.abort('stopping');
        this.#running = { lease, abort };
        this.#onChange();
        try {
          lease = await this.#turn(lease, abort);
        } finally {
          this.#running = null;
          this.#onChange();
        }
      }
    }
  }

  async #ask(): Promise<Lease | null> {
    const { services, credentials, order } = this.#context;
    this.#asking = new AbortController();
    const lease = await registryCalls
      .lease(services.client, credentials.apiKey, order.bootId, this.#asking.signal)
      .catch(() => null);
    this.#asking = null;
    return lease;
  }

  /** Runs the turn of a lease and reports how it went. @returns the next lease, which comes with the answer to the report */
  async #turn(lease: Lease, abort: TurnAbort): Promise<Lease | null> {
    const { services, credentials, order } = this.#context;
    const uploader = new EventUploader(async (from, events) => {
      try {
        const { cancel } = await registryCalls.taskEvents(services.client, credentials.apiKey, lease.taskId, {
          bootId: order.bootId as TaskResultRequest['bootId'],
          attempt: lease.attempt,
          from,
          events: this.#redaction.apply([...events]),
        });
        if (cancel) abort.abort('cancelled');
      } catch (error) {
        if (isMoleculeError(error, 'task_not_leased') || isMoleculeError(error, 'boot_superseded')) abort.abort('lost');
        if (isMoleculeError(error, 'task_finished')) abort.abort('cancelled');
        throw error;
      }
    });
    // Whoever changed the model and then wrote a message means the new one; the order to apply it may still be under way.
    await this.#catchUp(lease.generation);
    const outcome = await this.#runInSession(lease, abort, uploader);
    uploader.close();
    if (abort.reason === 'lost' || (abort.reason === 'stopping' && !outcome.ok)) {
      this.#isWanted = true;
      return null;
    }
    const result = this.#redaction.apply({
      ...outcome,
      bootId: order.bootId as TaskResultRequest['bootId'],
      attempt: lease.attempt,
      events: uploader.all(),
    });
    const record: OutboxRecord = { taskId: lease.taskId, result };
    let isOnDisk = true;
    try {
      this.#outbox.add(record);
    } catch (error) {
      // A full disk must not lose the result: it is reported from memory, and the log says that it was not safe for a moment.
      isOnDisk = false;
      services.log('a result could not be written to the outbox', { task: lease.taskId, error: String(error) });
    }
    // The answer brings the next lease; what is ordered from here on may be younger than it.
    this.#isWanted = false;
    const { isAnswered, next } = await this.#report(record, isOnDisk, !this.#isClosed);
    if (!isAnswered) {
      this.#isWanted = true;
      if (!this.#isClosed) services.wheel.set(this, FIRST_RESEND_MS);
    }
    return next;
  }

  async #runInSession(lease: Lease, abort: TurnAbort, uploader: EventUploader): Promise<TurnOutcome> {
    return this.#try(lease, abort, uploader).catch((error: unknown): TurnOutcome => {
      const message = error instanceof Error ? error.message : String(error);
      uploader.add({ type: 'end', ok: false, text: '', failure: 'crash', message, sessionId: null });
      return { ok: false, text: '', failure: 'crash', message, sessionId: null, usage: null };
    });
  }

  /** @throws Error where the session could not be opened. */
  async #try(lease: Lease, abort: TurnAbort, uploader: EventUploader): Promise<TurnOutcome> {
    const { services, order } = this.#context;
    const state = loadApplied(this.#context.layout);
    const adapter = services.adapters.get(state.desired.runtime);
    if (adapter === undefined) throw new Error(`There is no runtime "${state.desired.runtime}" on this box host.`);
    const setup = setUpRuntime(this.#context, state, adapter, await services.detect(adapter));
    const { model, timing } = state.desired;
    // A server that came or went changes what the session may call.
    const signature = JSON.stringify([
      adapter.id,
      model,
      setup.env,
      setup.walls,
      setup.servers.map(({ name }) => name),
    ]);
    const key = `${order.workspaceId}/${lease.conversationId ?? lease.taskId}`;
    const entry = await services.sessions.take(key, signature, async () => {
      const walls = await this.#context.walls.use(setup.walls);
      const processes = new Set<BoxProcess>();
      const session = adapter.openSession({
        layout: this.#context.layout,
        detection: setup.detection,
        model,
        env: setup.env,
        allowedServers: setup.servers.map(({ name }) => name),
        spawn: async (plan) => {
          const child = await walls.box.spawn(plan);
          processes.add(child);
          void child.exited
            .then(() => child.end(0))
            .finally(() => processes.delete(child))
            .catch(() => undefined);
          return child;
        },
        now: services.now,
        warmMs: timing.warmSessionMs,
        prewarm: false,
        log: services.log,
      });
      return {
        session,
        processes,
        signature,
        onClosed: () => this.#onSessionClosed(walls.release),
      } satisfies OpenedSession;
    });
    const startedAt = services.now();
    const ended = await runTurn(entry.opened, lease, abort, uploader);
    // Models and tools are reached through the control plane: what failed while it was away says nothing about the task, which is attempted again,
    // also when the agent took a tool's failure for an answer and ended well.
    const wasAway = abort.reason === null && services.client.lastMissAt >= startedAt;
    const isLost = wasAway && (!ended.ok || uploader.all().some((event) => event.type === 'tool_result' && !event.ok));
    const outcome: TurnOutcome = isLost ? { ...ended, ok: false, failure: 'lost' } : ended;
    // A turn that was ended from outside leaves a session of unknown state: it is not used again, and nothing of it stays.
    if (abort.reason !== null || outcome.failure === 'crash' || outcome.failure === 'lost')
      await services.sessions.discard(entry);
    else await services.sessions.giveBack(entry, timing.warmSessionMs);
    return outcome;
  }

  #onSessionClosed(release: () => void): void {
    release();
    this.#onChange();
  }

  /** @param isFree the box takes the next turn with the answer */
  async #report(record: OutboxRecord, isOnDisk: boolean, isFree: boolean): Promise<Reported> {
    const { services, credentials, order } = this.#context;
    const send = (bootId: TaskResultRequest['bootId']) =>
      registryCalls.taskResult(services.client, credentials.apiKey, record.taskId, {
        ...record.result,
        bootId,
        next: isFree,
      });
    let next: Lease | null = null;
    try {
      const reply = await send(record.result.bootId).catch((error: unknown) => {
        // The turn ended in an earlier boot of this workspace; the attempt number alone decides whether it still counts.
        if (isMoleculeError(error, 'boot_superseded') && record.result.bootId !== order.bootId)
          return send(order.bootId as TaskResultRequest['bootId']);
        throw error;
      });
      next = reply.next;
    } catch (error) {
      if (!isFinalRefusal(error)) return { isAnswered: false, next };
      services.log('a result was refused', {
        task: record.taskId,
        attempt: record.result.attempt,
        reason: isMoleculeError(error) ? error.code : '',
      });
    }
    if (isOnDisk) this.#outbox.remove(record);
    return { isAnswered: true, next };
  }
}

interface Reported {
  /** The control plane has answered for good, either way. */
  readonly isAnswered: boolean;
  readonly next: Lease | null;
}
