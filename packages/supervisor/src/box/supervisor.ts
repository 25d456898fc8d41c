import { rmSync } from 'node:fs';
import { type BoxLayout, boxLayout } from '@molecule/adapters';
import { type DesiredState, type HeartbeatReply, isMoleculeError, type Proof } from '@molecule/contracts';
import { answerCall } from '../calls/answer-call.ts';
import { registryCalls } from '../client/registry-calls.ts';
import type { WheelEntry } from '../host/timer-wheel.ts';
import { TurnDesk } from '../turns/turn-desk.ts';
import { describeFailure } from './boot-journal.ts';
import { type BoxContext, closeContext, loadApplied } from './box-context.ts';
import { makeBoxFolders } from './box-folders.ts';
import type { BoxOrder, BoxServices } from './box-services.ts';
import { type Application, applyDesired, failedApplication } from './desired-application.ts';
import { DriftWatch } from './drift-watch.ts';
import { isEndOfBoot } from './end-of-boot.ts';
import { enrolBox } from './enrolment.ts';
import { JobQueue } from './job-queue.ts';
import { inspectLate } from './late-inspection.ts';
import { measureLate } from './late-isolation.ts';
import { Redaction } from './redaction.ts';
import { registerBox, sendBeat } from './registration.ts';
import { SharedWalls } from './shared-walls.ts';

/** A working box renews its lease at least this often. */
const WORKING_BEAT_MS = 10_000;
/** A beat that failed is tried again after this, or after the usual interval if that is shorter. */
const FAILED_BEAT_MS = 3_000;

export type SupervisorState =
  | 'enrolling'
  | 'preparing'
  | 'proving'
  | 'registered'
  | 'idle'
  | 'working'
  | 'stopping'
  | 'stopped';

/*
 * The supervisor of one workspace. There is no state outside of it besides the services that all boxes share.
 *
 *   enrolling   the one-time token is traded for the box's own. A refusal ends the supervisor: the next order brings a new token.
 *   preparing   results of earlier lives are reported; plugins, files and configuration are brought in, the walls are put up.
 *   proving     every server is launched as the runtime would launch it.
 *   registered  the control plane has the report; whether the box counts as online is its decision alone (B39).
 *   idle        waits for orders. Holds no process, socket or timer of its own: one entry in the shared timer wheel.
 *   working     a turn runs; the lease is renewed by the beats.
 *   stopping    takes no more work; the turn gets its grace; then nothing of the box is left running.
 *
 * Invariants: at most one job (apply, repair, drift) at a time; a beat never waits for a job; failures of preparing and proving are reported and never
 * keep the box from registering (B57). A crash leaves the folder of the box: its ledger, its outbox, and records of its processes, which the next host ends first.
 */
export class Supervisor implements WheelEntry {
  readonly order: BoxOrder;
  readonly #services: BoxServices;
  readonly #layout: BoxLayout;
  readonly #onEnded: (reason: string) => void;
  readonly #walls: SharedWalls;
  #state: SupervisorState = 'enrolling';
  #context: BoxContext | null = null;
  #desk: TurnDesk | null = null;
  #drift: DriftWatch | null = null;
  #application: Application | null = null;
  /** Proofs that the control plane has not taken in yet. */
  #unreported: readonly Proof[] | null = null;
  readonly #jobs: JobQueue;
  #beating: Promise<void> | null = null;
  #isBeatWanted = false;
  #isWorkWanted = false;
  readonly #ending = new AbortController();
  #redaction = new Redaction([]);
  #stopped: Promise<void> | null = null;

  constructor(services: BoxServices, order: BoxOrder, boxFolder: string, onEnded: (reason: string) => void) {
    this.#services = services;
    this.order = order;
    this.#layout = boxLayout(boxFolder);
    this.#onEnded = onEnded;
    this.#walls = new SharedWalls(services.backend, services.wheel);
    this.#jobs = new JobQueue(
      () => this.#isStopping(),
      (error) => services.log('a job of a box failed', { workspace: order.workspaceId, error: String(error) }),
    );
  }

  get state(): SupervisorState {
    return this.#state === 'idle' && this.#desk?.running ? 'working' : this.#state;
  }

  /** Boots the box. Resolves when it is registered or has ended; never rejects. */
  async boot(): Promise<void> {
    try {
      await this.#boot();
    } catch (error) {
      if (this.#isStopping()) return;
      this.#services.log('a boot ended', {
        workspace: this.order.workspaceId,
        boot: this.order.bootId,
        error: error instanceof Error ? error.message : String(error),
      });
      await this.#end(isMoleculeError(error) ? error.code : 'boot_failed');
    }
  }

  /** There is work to lease. */
  work(): void {
    // Remembered while the box boots: it must not work before it has been proved.
    this.#isWorkWanted = this.#state !== 'idle';
    if (this.#isWorkWanted || this.#application?.report.configuration_status === 'not_configured') return;
    this.#desk?.wake();
  }

  cancel(taskId: string): void {
    this.#desk?.abort(taskId, 'cancelled');
  }

  /** A person asks for something inside. */
  call(callId: string): void {
    if (this.#context !== null && !this.#isStopping()) void answerCall(this.#context, callId);
  }

  /** Beats now, or right after the beat that is under way. Returns at once. */
  beat(): void {
    this.#isBeatWanted = true;
    if (this.#beating !== null || this.#application === null || this.#isStopping()) return;
    this.#services.wheel.clear(this);
    this.#beating = this.#beatOnce().finally(() => {
      this.#beating = null;
      if (this.#isStopping()) return;
      if (this.#isBeatWanted) this.beat();
    });
  }

  onDue(): void {
    this.beat();
  }

  /** Ends the box: no process of it is left when this resolves. May be called more than once; the first call decides. */
  stop(graceMs: number, wipe = false, reason = 'stopped'): Promise<void> {
    this.#stopped ??= this.#stop(graceMs, wipe, reason);
    return this.#stopped;
  }

  async #stop(graceMs: number, wipe: boolean, reason: string): Promise<void> {
    this.#state = 'stopping';
    this.#ending.abort();
    this.#services.wheel.clear(this);
    this.#drift?.close();
    await this.#desk?.close(graceMs);
    await this.#services.sessions.closeAll(`${this.order.workspaceId}/`);
    await this.#walls.close();
    if (this.#context !== null) await closeContext(this.#context);
    this.#state = 'stopped';
    if (wipe) rmSync(this.#layout.root, { recursive: true, force: true });
    this.#onEnded(reason);
  }

  async #boot(): Promise<void> {
    if (this.#isStopping()) return;
    const services = this.#services;
    const { context, redaction, desired, proofNonce } = await enrolBox({
      services,
      order: this.order,
      layout: this.#layout,
      walls: this.#walls,
      redact: (value) => this.#redaction.apply(value),
      signal: this.#ending.signal,
    });
    if (this.#isStopping()) return context.management?.close();
    this.#redaction = redaction;
    const { journal } = context;
    this.#context = context;
    this.#desk = new TurnDesk(
      context,
      this.#redaction,
      () => this.#onTurnChange(),
      (generation) => this.#catchUp(generation),
    );
    this.#state = 'preparing';
    await journal.step('folders', async () => makeBoxFolders(this.#layout));
    const left = await this.#desk.flushOutbox();
    if (left > 0) journal.note('outbox', `${left} results of an earlier life reported`, { count: left });
    await this.#apply(desired, proofNonce, false);
    if (this.#isStopping()) return;
    this.#drift = new DriftWatch(context, desired.runtime, () => void this.#jobs.add(() => this.#repairDrift()));
    this.#drift.accept(this.#application?.stamp ?? '');
    const reply = await this.#register();
    if (this.#isStopping()) return;
    this.#state = 'idle';
    if (this.#isWorkWanted) this.work();
    void this.#jobs.add(() => this.#reportIsolation());
    void this.#jobs.add(() => this.#reportParsed());
    // A refusal carries no orders: the beat right after it brings them.
    if (reply === null) return this.beat();
    services.wheel.set(this, desired.timing.heartbeatIntervalMs * Math.random());
    if (this.#application !== null) this.#obey(reply, this.#application);
  }

  async #apply(desired: DesiredState, nonce: string | null, inspect: boolean): Promise<void> {
    const context = this.#need();
    this.#state = this.#state === 'preparing' ? 'proving' : this.#state;
    const application = await applyDesired(context, desired, {
      nonce,
      inspect,
      frozen: this.#drift?.contested ?? new Set(),
    }).catch((error: unknown) => {
      const detail = { generation: desired.generation };
      context.journal.add({ step: 'apply', ok: false, durationMs: null, ...describeFailure(error), detail });
      // What was applied before stays in force; a first boot goes on with a report that says what it cannot do (B57).
      if (this.#application !== null) throw error;
      return failedApplication(desired, error);
    });
    this.#application = application;
    this.#unreported = application.proofs;
    this.#drift?.accept(application.stamp);
    if (application.written.length > 0) await this.#reloadSessions();
  }

  async #register(): Promise<HeartbeatReply | null> {
    const context = this.#need();
    const application = this.#application;
    if (application === null) return null;
    try {
      const reply = await context.journal.step('register', () => registerBox(context, this.#redaction, application));
      this.#unreported = null;
      this.#state = 'registered';
      return reply;
    } catch (error) {
      // The gate said no, or nobody answered: the beats go on, carry the proofs, and bring the repair (B85).
      if (isEndOfBoot(error)) throw error;
      return null;
    }
  }

  async #beatOnce(): Promise<void> {
    const context = this.#need();
    const application = this.#application;
    if (application === null) return;
    this.#isBeatWanted = false;
    this.#drift?.look();
    const proofs = this.#unreported;
    let delayMs = this.#desk?.running
      ? Math.min(application.timing.heartbeatIntervalMs, WORKING_BEAT_MS)
      : application.timing.heartbeatIntervalMs;
    try {
      const reply = await sendBeat(context, this.#redaction, application, this.#desk?.running ?? null, proofs);
      if (this.#unreported === proofs) this.#unreported = null;
      if (!this.#isStopping()) this.#obey(reply, application);
    } catch (error) {
      if (isEndOfBoot(error)) return void this.#end(isMoleculeError(error) ? error.code : 'ended');
      delayMs = Math.min(delayMs, FAILED_BEAT_MS);
    }
    // Some spread, so that boxes that were started together do not beat together for ever.
    if (!this.#isStopping()) context.services.wheel.set(this, delayMs * (0.9 + Math.random() * 0.1));
  }

  #obey(reply: HeartbeatReply, application: Application): void {
    if (reply.stop !== null) this.#desk?.stop(reply.stop);
    if (reply.prove !== null) {
      const { proofNonce, reason } = reply.prove;
      this.#redaction = new Redaction([...this.#secrets(), proofNonce]);
      void this.#jobs.add(() =>
        this.#applyAgain(proofNonce, reason === 'repair', reply.generation > application.generation),
      );
    } else if (reply.generation > application.generation)
      void this.#jobs.add(() => this.#applyAgain(null, false, true));
    if (reply.work) this.work();
  }

  async #catchUp(generation: number): Promise<void> {
    const isBehind = (): boolean => (this.#application?.generation ?? 0) < generation;
    const job = () => (isBehind() ? this.#applyAgain(null, false, true) : Promise.resolve());
    if (isBehind()) await this.#jobs.add(job);
  }

  async #applyAgain(nonce: string | null, inspect: boolean, isOutdated: boolean): Promise<void> {
    const { services, credentials } = this.#need();
    const desired = isOutdated
      ? await registryCalls.desiredState(services.client, credentials.apiKey)
      : loadApplied(this.#layout).desired;
    if (isOutdated && (desired.secretNames.length > 0 || Object.keys(credentials.secrets).length > 0)) {
      credentials.secrets = await registryCalls.secrets(services.client, credentials.apiKey);
      this.#redaction = new Redaction([...this.#secrets(), nonce]);
    }
    await this.#apply(desired, nonce, inspect);
    this.beat();
  }

  async #reportIsolation(): Promise<void> {
    const isolation = await measureLate(this.#need(), this.#application);
    if (isolation === null || this.#application === null) return;
    this.#application = { ...this.#application, isolation };
    const reply = await registerBox(this.#need(), this.#redaction, this.#application);
    if (!this.#isStopping()) this.#obey(reply, this.#application);
  }

  /** Adds what the real CLI says it loaded; the next beat carries it. */
  async #reportParsed(): Promise<void> {
    const parsed = await inspectLate(this.#need());
    const application = this.#application;
    if (application === null || parsed.length === 0 || this.#isStopping()) return;
    const proofs = [...application.proofs.filter(({ rung }) => rung !== 'parsed'), ...parsed];
    this.#application = { ...application, proofs };
    this.#unreported = proofs;
    this.beat();
  }

  async #repairDrift(): Promise<void> {
    const application = this.#application;
    const result = application === null ? null : await this.#drift?.repair();
    if (result === null || result === undefined || application === null) return;
    this.#application = { ...application, stamp: result.stamp };
    if (result.isRepaired) await this.#reloadSessions();
    // What was changed by hand may have been the very entry that a proof rests on.
    if (result.isCapabilityTouched) await this.#applyAgain(null, false, false);
  }

  async #reloadSessions(): Promise<void> {
    const warm = this.#services.sessions.warmOf(`${this.order.workspaceId}/`);
    await Promise.allSettled(warm.map(({ opened }) => opened.session.reload()));
  }

  #onTurnChange(): void {
    const isWorking = this.#desk?.running !== null && this.#desk?.running !== undefined;
    this.#drift?.watch(isWorking || this.#services.sessions.warmOf(`${this.order.workspaceId}/`).length > 0);
    const interval = this.#application?.timing.heartbeatIntervalMs ?? WORKING_BEAT_MS;
    if (isWorking && this.#beating === null && !this.#isStopping())
      this.#services.wheel.set(this, Math.min(interval, WORKING_BEAT_MS));
  }

  async #end(reason: string): Promise<void> {
    if (this.#isStopping()) return;
    if (this.#desk?.running) this.#desk.abort(this.#desk.running.taskId, 'lost');
    await this.stop(0, false, reason);
  }

  #isStopping(): boolean {
    return this.#state === 'stopping' || this.#state === 'stopped';
  }

  #secrets(): (string | null)[] {
    const { credentials } = this.#need();
    return [credentials.apiKey, credentials.orgApiKey, ...Object.values(credentials.secrets)];
  }

  #need(): BoxContext {
    if (this.#context === null) throw new Error('The box is not enrolled.');
    return this.#context;
  }
}
