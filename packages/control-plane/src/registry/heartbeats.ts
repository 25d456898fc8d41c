import { type HeartbeatReply, type HeartbeatRequest, MoleculeError } from '@molecule/contracts';
import { type Beat, type BeatRow, type StoredEvent, TASK_LEASE_MS } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { applyBeat } from './apply-beat.ts';
import { BeatWriter } from './beat-writer.ts';
import { BoxMemory, reportHash } from './box-memory.ts';
import { selfReportOf } from './self-report.ts';
import { stopOf } from './stop-of.ts';

/** Events after which what is remembered of a workspace may be wrong. Streams of turns and steps of boots are not among them. */
const TOUCHING = /^(workspace|plugin|token|proof|gate|task)\./;

/**
 * Heartbeats. Three ways, by what a beat changes:
 * - nothing: answered from memory, its time is written with the next batch (at most one transaction a second);
 * - the report, but no verdict: answered after the batch that stores it has committed;
 * - anything else, or too little known: one transaction of its own (`applyBeat`).
 * So every change that is acknowledged is durable, and a calm fleet costs next to nothing.
 */
export class Heartbeats {
  readonly #services: Services;
  readonly #memory = new BoxMemory();
  readonly #writer: BeatWriter;
  readonly #unsubscribe: () => void;
  /** Last beat answered from memory, for the rare case that another replica stored another report meanwhile. */
  readonly #last = new Map<string, { readonly principal: Principal; readonly beat: HeartbeatRequest }>();

  constructor(services: Services) {
    this.#services = services;
    this.#writer = new BeatWriter(services.db, services.log, (beat, row) => this.#written(beat, row));
    this.#unsubscribe = services.events.subscribe((events) => this.#heard(events));
  }

  /** Batches written so far. */
  get batches(): number {
    return this.#writer.batches;
  }

  async take(principal: Principal, beat: HeartbeatRequest): Promise<HeartbeatReply> {
    const own = ownWorkspace(principal);
    if (beat.bootId !== own.bootId) throw new MoleculeError('boot_superseded');
    const now = this.#services.clock.now();
    const known = this.#memory.get(own.workspaceId);
    const way = this.#memory.wayOf(known, beat, now);
    if (way === 'thorough' || known === undefined) return this.#thorough(principal, beat);
    const running = beat.running ?? null;
    const line: Beat = {
      workspaceId: own.workspaceId,
      bootId: own.bootId,
      at: now,
      change: way === 'report' ? { report: selfReportOf(beat), generation: beat.generation } : null,
      running: running === null ? null : { ...running, leaseUntil: new Date(now.getTime() + TASK_LEASE_MS) },
    };
    if (way === 'known' && running === null) {
      this.#last.set(own.workspaceId, { principal, beat });
      this.#writer.note(line);
      return { ...known.reply, stop: null, prove: null };
    }
    const written = await this.#writer.write(line);
    if (written.row === undefined) throw new MoleculeError('boot_superseded');
    if (way === 'report') {
      known.reportHash = reportHash(beat);
      known.appliedGeneration = beat.generation;
    }
    const status = written.row.status as HeartbeatReply['status']; // check constraint of the column
    const stop = stopOf(running, written.leases);
    return { status, generation: written.row.generation, work: written.row.work, stop, prove: null };
  }

  /** To be called when a registration or a proof has stored something about the box. */
  forget(workspaceId: string): void {
    this.#memory.forget(workspaceId);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#writer.close();
  }

  async #thorough(principal: Principal, beat: HeartbeatRequest): Promise<HeartbeatReply> {
    const applied = await this.#services.db
      .transaction()
      .execute((trx) => applyBeat(this.#services, trx, principal, beat));
    this.#memory.remember(beat, applied);
    return applied.reply;
  }

  #written(beat: Beat, row: BeatRow | undefined): void {
    const differs = this.#memory.compare(beat.workspaceId, beat.bootId, beat.change !== null, row);
    const last = this.#last.get(beat.workspaceId);
    // A beat that came while this batch was written is compared when its own batch has been.
    if (!this.#writer.hasPending(beat.workspaceId)) this.#last.delete(beat.workspaceId);
    if (!differs || last === undefined || beat.change !== null) return;
    // Two replicas took different beats of one box: what this one answered from memory is stored now.
    this.#thorough(last.principal, last.beat).catch((error: unknown) =>
      this.#services.log.warn(
        { err: error, workspaceId: beat.workspaceId },
        'a beat could not be stored after the fact',
      ),
    );
  }

  #heard(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (event.workspaceId !== null && TOUCHING.test(event.type)) this.#memory.forget(event.workspaceId);
    }
  }
}
