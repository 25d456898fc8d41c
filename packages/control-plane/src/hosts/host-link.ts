import { type HostConnect, type HostOrder, isMoleculeError } from '@molecule/contracts';
import {
  applyTransition,
  assignBoots,
  chooseHost,
  holdsHost,
  releaseFromLostHosts,
  runtimeProblem,
  type StoredEvent,
  touchHost,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { type BoxRow, STOP_GRACE_MS, wantedOrders } from './wanted-orders.ts';

/** Boots assigned in one transaction. */
const BOOTS_AT_ONCE = 50;
/** After this long without its host a workspace goes to another one. */
const HOST_ABANDONED_MS = 10 * 60_000;

export interface HostLinkOptions {
  readonly orgId: string;
  /** Names this stream; the host's row carries it while the stream is in force. */
  readonly connectionId: string;
  readonly host: HostConnect;
  readonly send: (order: HostOrder) => void;
  /** Called when another stream of the same host has replaced this one. */
  readonly onReplaced: () => void;
}

/**
 * The order stream of one connected host, in the replica that holds it.
 *
 * States: reconciling everything (after the connection) → following events → ended. Invariants: boots of the host's workspaces are assigned only
 * here, under the stream's own name in the host's row, so that two streams never both assign; enrolment tokens leave only on the
 * stream. A crash leaves boots that were assigned and not started: the next connection sees that they do not run and replaces them.
 */
export class HostLink {
  readonly #services: Services;
  readonly #options: HostLinkOptions;
  /** Boots that run there or were ordered. */
  readonly #boxes: Map<string, string>;
  readonly #dirty = new Set<string>();
  #everything = true;
  #working: Promise<void> | null = null;
  #ended = false;

  constructor(services: Services, options: HostLinkOptions) {
    this.#services = services;
    this.#options = options;
    this.#boxes = new Map(options.host.running.map((box) => [box.workspaceId, box.bootId]));
  }

  get connectionId(): string {
    return this.#options.connectionId;
  }

  get hostId(): string {
    return this.#options.host.hostId;
  }

  /** Brings the host to what is wanted; resolves when the first round is through. */
  async start(): Promise<void> {
    await this.#unclaimed().catch((error: unknown) => this.#failed(error));
    this.#wake();
    await this.#working;
  }

  /** Looks again at workspaces that no host has taken, or whose host has been away for long. */
  lookForUnclaimed(): void {
    this.#unclaimed().then(
      (ids) => this.#mark(ids),
      (error: unknown) => this.#failed(error),
    );
  }

  heard(events: readonly StoredEvent[]): void {
    if (this.#ended) return;
    const dirty: string[] = [];
    for (const event of events) {
      if (event.orgId !== this.#options.orgId) continue;
      if (event.type === 'host.connected') this.#heardOfHost(event);
      else if (event.workspaceId !== null) this.#heardOfWorkspace(event, event.workspaceId, dirty);
    }
    this.#mark(dirty);
  }

  /** A person asks something of a box, which may run here. */
  called(workspaceId: string, callId: string): void {
    if (this.#boxes.has(workspaceId)) this.#send({ type: 'call', workspaceId, callId } as HostOrder); // ids of rows of ours
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#working;
  }

  async #unclaimed(): Promise<readonly string[]> {
    const { db, clock } = this.#services;
    await releaseFromLostHosts(db, this.#options.orgId, new Date(clock.now().getTime() - HOST_ABANDONED_MS));
    const rows = await db
      .selectFrom('workspaces')
      .select('id')
      .where('org_id', '=', this.#options.orgId)
      .where('host_id', 'is', null)
      .where('status', 'not in', ['removed', 'paused', 'hibernated'])
      .execute();
    return rows.map((row) => row.id);
  }

  #heardOfHost(event: StoredEvent): void {
    const { hostId, connectionId } = event.data;
    if (hostId !== this.hostId) {
      this.lookForUnclaimed();
    } else if (connectionId !== this.connectionId) {
      // Maybe an older stream of which the news come late: the host's row knows which one is in force.
      touchHost(this.#services.db, this.hostId, this.connectionId, this.#services.clock.now()).then(
        (held) => (held ? undefined : this.#options.onReplaced()),
        (error: unknown) => this.#failed(error),
      );
    }
  }

  #heardOfWorkspace(event: StoredEvent, workspaceId: string, dirty: string[]): void {
    const bootId = this.#boxes.get(workspaceId);
    const id = workspaceId as Extract<HostOrder, { type: 'work' }>['workspaceId']; // uuid column
    switch (event.type) {
      case 'workspace.created':
      case 'workspace.removed':
        dirty.push(workspaceId);
        return;
      case 'workspace.status':
        if (bootId !== undefined && (event.data['to'] === 'online' || event.data['to'] === 'degraded'))
          this.#send({ type: 'work', workspaceId: id });
        else dirty.push(workspaceId);
        return;
      case 'workspace.updated':
        dirty.push(workspaceId);
        if (bootId !== undefined && event.data['bootWanted'] !== true) this.#send({ type: 'beat', workspaceId: id });
        return;
      case 'gate.refused':
        // The refused box learns with its next beat which repair is due.
        if (bootId !== undefined) this.#send({ type: 'beat', workspaceId: id });
        return;
      case 'task.created':
        if (bootId !== undefined) this.#send({ type: 'work', workspaceId: id });
        return;
      case 'task.updated':
        if (bootId === undefined || event.taskId === null) return;
        if (event.data['cancelRequested'] === true)
          this.#send({
            type: 'cancel',
            workspaceId: id,
            taskId: event.taskId as Extract<HostOrder, { type: 'cancel' }>['taskId'],
          }); // uuid column
        else this.#send({ type: 'work', workspaceId: id });
        return;
      case 'task.ended':
        if (bootId !== undefined && event.data['more'] === true) this.#send({ type: 'work', workspaceId: id });
        return;
      default:
    }
  }

  #mark(workspaceIds: readonly string[]): void {
    if (workspaceIds.length === 0) return;
    for (const id of workspaceIds) this.#dirty.add(id);
    this.#wake();
  }

  #wake(): void {
    if (this.#working !== null || this.#ended) return;
    this.#working = this.#work()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#working = null;
        if (this.#dirty.size > 0) this.#wake();
      });
  }

  async #work(): Promise<void> {
    while ((this.#everything || this.#dirty.size > 0) && !this.#ended) {
      const everything = this.#everything;
      const ids = [...this.#dirty];
      this.#everything = false;
      this.#dirty.clear();
      try {
        await this.#reconcile(everything ? null : ids);
      } catch (error) {
        this.#everything ||= everything;
        for (const id of ids) this.#dirty.add(id);
        throw error;
      }
    }
  }

  async #reconcile(only: readonly string[] | null): Promise<void> {
    const { db } = this.#services;
    const rows = await db
      .selectFrom('workspaces')
      .select(['id', 'status', 'boot_id', 'host_id', 'runtime'])
      .where('org_id', '=', this.#options.orgId)
      .$if(only !== null, (q) => q.where('id', 'in', [...(only ?? [])]))
      .$if(only === null, (q) =>
        q.where((eb) =>
          eb.or([
            eb('host_id', '=', this.hostId),
            eb.and([eb('host_id', 'is', null), eb('status', '<>', 'removed')]),
            ...(this.#boxes.size === 0 ? [] : [eb('id', 'in', [...this.#boxes.keys()])]),
          ]),
        ),
      )
      .orderBy('id')
      .execute();
    if (only === null) this.#stopUnknown(rows);
    const wanted = wantedOrders(this.hostId, rows, this.#boxes);
    for (const stop of wanted.stops) {
      this.#boxes.delete(stop.workspaceId);
      this.#send(stop);
    }
    // What is left was adopted: such boxes say at once how they are, so that nobody has to go by what an earlier control plane wrote.
    if (only === null) for (const id of this.#boxes.keys()) this.#send({ type: 'beat', workspaceId: id } as HostOrder); // came in parsed
    const boots = new Map(wanted.boots);
    for (const row of wanted.unclaimed) if (await this.#isOurs(row)) boots.set(row.id, row.boot_id);
    const runtimes = new Map(rows.map((row) => [row.id, row.runtime]));
    const able: string[] = [];
    for (const id of boots.keys()) {
      const problem = runtimeProblem(this.#options.host.runtimes, runtimes.get(id) ?? '');
      if (problem === null) able.push(id);
      else await this.#cannotRun(id, problem);
    }
    for (let from = 0; from < able.length && !this.#ended; from += BOOTS_AT_ONCE)
      await this.#boot(able.slice(from, from + BOOTS_AT_ONCE), boots);
  }

  async #boot(ids: readonly string[], replace: ReadonlyMap<string, string | null>): Promise<void> {
    const { db, clock } = this.#services;
    const assigned = await db.transaction().execute(async (trx) => {
      if (!(await holdsHost(trx, this.hostId, this.connectionId))) return null;
      return assignBoots(trx, { id: this.hostId, orgId: this.#options.orgId }, ids, replace, clock.now());
    });
    if (assigned === null) return this.#options.onReplaced();
    for (const boot of assigned) {
      this.#boxes.set(boot.workspaceId, boot.bootId);
      this.#send({ type: 'start', ...boot } as HostOrder); // ids come from uuid columns
    }
  }

  async #isOurs(row: BoxRow): Promise<boolean> {
    try {
      return (await chooseHost(this.#services.db, this.#options.orgId, row.runtime)) === this.hostId;
    } catch (error) {
      if (!isMoleculeError(error, 'runtime_unavailable')) throw error;
      await this.#cannotRun(row.id, error.message);
      return false;
    }
  }

  async #cannotRun(workspaceId: string, problem: string): Promise<void> {
    const cause = {
      reason: 'runtime_unavailable',
      message: problem,
      nextStep: 'Install the runtime on the box host and connect it again, or choose another.',
      actor: 'system',
      now: this.#services.clock.now(),
    };
    await this.#services.db.transaction().execute((trx) => applyTransition(trx, workspaceId, 'boot_failed', cause));
  }

  /** Boxes of workspaces that this org does not have. */
  #stopUnknown(rows: readonly BoxRow[]): void {
    const known = new Set(rows.map((row) => row.id));
    for (const [workspaceId, bootId] of this.#boxes) {
      if (known.has(workspaceId)) continue;
      this.#boxes.delete(workspaceId);
      this.#send({ type: 'stop', workspaceId, bootId, graceMs: STOP_GRACE_MS, wipe: false } as HostOrder); // both came in parsed as ids
    }
  }

  #send(order: HostOrder): void {
    if (!this.#ended) this.#options.send(order);
  }

  #failed(error: unknown): void {
    this.#services.log.warn(
      { err: error, hostId: this.hostId },
      'a host could not be brought to what is wanted; trying again',
    );
    setTimeout(() => this.#wake(), 1_000).unref();
  }
}
