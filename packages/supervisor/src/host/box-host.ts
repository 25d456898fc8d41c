import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import type { RuntimeAdapter } from '@molecule/adapters';
import { type FoundRuntime, type HostConnect, type HostOrder, MoleculeError } from '@molecule/contracts';
import { readTree, treeDigest } from '@molecule/plugins';
import { artifactCache } from '../artifacts/artifact-cache.ts';
import type { BoxServices, LogLine } from '../box/box-services.ts';
import { Supervisor } from '../box/supervisor.ts';
import { findTerminalProgram } from '../calls/terminal-program.ts';
import { ControlPlaneAddress } from '../client/control-plane-address.ts';
import { ControlPlaneClient } from '../client/control-plane-client.ts';
import { HostStream } from '../client/host-stream.ts';
import { systemCode } from '../files/box-file.ts';
import { SessionPool } from '../turns/session-pool.ts';
import type { BoxBackend } from './box-backend.ts';
import { hostIdentity } from './host-identity.ts';
import { lockHost } from './host-lock.ts';
import { installLauncher, sharedReadPaths } from './launcher.ts';
import { RuntimeDetection } from './runtime-detection.ts';
import { Slots } from './slots.ts';
import { TimerWheel } from './timer-wheel.ts';

export interface BoxHostOptions {
  readonly dataDir: string;
  /** Address of the control plane, or the file that holds it. */
  readonly controlPlane: { readonly url: string } | { readonly file: string };
  readonly hostToken: string;
  /** Environment of the host: searched for runtimes and a person's logins; nothing of it enters a box. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly adapters: readonly RuntimeAdapter[];
  readonly backend: BoxBackend;
  readonly log: LogLine;
  readonly version: string;
  /** File of the launcher `molecule-platform-mcp`; it is copied to where every box finds it first. */
  readonly launcherFile?: string;
  /** Boots at once; the others wait. Default: twice the processor cores. */
  readonly bootsAtOnce?: number;
  /** Warm agent processes of the whole host. */
  readonly warmSessions?: number;
  /** Without an answer of the control plane for this long, and without work, the host ends itself. */
  readonly abandonedMs?: number;
  readonly pingTimeoutMs?: number;
}

export interface BoxHost {
  readonly hostId: string;
  /** Boxes that run now. */
  running(): { readonly workspaceId: string; readonly bootId: string; readonly state: string }[];
  /** Ends all boxes within about `graceMs` and gives the data directory back. */
  stop(graceMs: number): Promise<void>;
  /** Resolves with the reason when the host has ended, by itself or by `stop`. */
  readonly finished: Promise<string>;
}

export const ABANDONED_MS = 15 * 60_000;
const ABANDONED_LOOK_MS = 30_000;
/** Boxes that end by themselves again and again are asked for less and less often. */
const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 60_000;
const CALM_MS = 120_000;

/**
 * Runs the boxes of one machine.
 *
 * States: starting (lock, what a killed host left is ended) → connected ⇄ lost (boxes go on; they are named at the next connection and so adopted) → stopping →
 * finished. Exactly one host per data directory. A crash leaves running processes for as long as the next start needs to end them, and the
 * folders of the boxes; all of them are booted anew by the control plane's orders.
 *
 * @throws MoleculeError `data_dir_locked` when another host uses the directory, `data_dir_unwritable`.
 */
export async function startBoxHost(options: BoxHostOptions): Promise<BoxHost> {
  const { dataDir, log, backend } = options;
  const boxesFolder = join(dataDir, 'boxes');
  const binFolder = join(dataDir, 'bin');
  const unlock = prepareFolders(dataDir, [boxesFolder, binFolder]);
  try {
    for (const name of readdirSync(boxesFolder)) {
      const ended = await backend.endLeftovers(join(boxesFolder, name, 'run', 'processes'));
      if (ended > 0) log('processes of an earlier box host were ended', { workspace: name, count: ended });
    }
    if (options.launcherFile !== undefined) installLauncher(options.launcherFile, binFolder);
    const now = Date.now;
    const wheel = new TimerWheel(now);
    const client = new ControlPlaneClient(new ControlPlaneAddress(options.controlPlane), now);
    const detection = new RuntimeDetection(options.env, now);
    const terminalProgram = findTerminalProgram();
    const services: BoxServices = {
      client,
      backend,
      wheel,
      log,
      now,
      dataFolder: dataDir,
      binFolder,
      hostEnv: options.env,
      adapters: new Map(options.adapters.map((adapter) => [adapter.id as string, adapter])),
      detect: (adapter) => detection.detect(adapter),
      artifacts: artifactCache(join(dataDir, 'artifacts'), async (folder) => treeDigest(await readTree(folder))),
      bootSlots: new Slots(options.bootsAtOnce ?? availableParallelism() * 2),
      sessions: new SessionPool(wheel, options.warmSessions ?? 8),
      sharedReadPaths: [...sharedReadPaths(binFolder), ...(terminalProgram?.readPaths ?? [])],
      terminalProgram,
    };
    const [runtimes, isolation] = await Promise.all([detection.all(options.adapters), backend.describe()]);
    return new RunningHost(
      options,
      services,
      boxesFolder,
      hostIdentity(join(dataDir, 'run', 'host-id')),
      { runtimes, isolation },
      unlock,
    );
  } catch (error) {
    unlock();
    throw error;
  }
}

function prepareFolders(dataDir: string, folders: readonly string[]): () => void {
  try {
    for (const folder of [dataDir, ...folders]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lockHost(join(dataDir, 'run', 'box-host.lock'), dataDir);
  } catch (error) {
    if (error instanceof MoleculeError) throw error;
    throw new MoleculeError('data_dir_unwritable', {
      params: { path: dataDir, detail: systemCode(error) },
      cause: error,
    });
  }
}

class RunningHost implements BoxHost {
  readonly hostId: string;
  readonly finished: Promise<string>;
  readonly #options: BoxHostOptions;
  readonly #services: BoxServices;
  readonly #boxesFolder: string;
  readonly #found: {
    readonly runtimes: readonly FoundRuntime[];
    readonly isolation: Readonly<Record<string, unknown>>;
  };
  readonly #boxes = new Map<string, Supervisor>();
  /** The last change of each workspace: starts and stops of one workspace happen one after the other. */
  readonly #changes = new Map<string, Promise<void>>();
  readonly #unlock: () => void;
  readonly #stream: HostStream;
  readonly #abandonedTimer: NodeJS.Timeout;
  #finish: (reason: string) => void = () => undefined;
  #stopping: Promise<void> | null = null;
  #reconnectTimer: NodeJS.Timeout | null = null;
  #endsInRow = 0;
  #lastEndAt = Number.NEGATIVE_INFINITY;

  constructor(
    options: BoxHostOptions,
    services: BoxServices,
    boxesFolder: string,
    hostId: string,
    found: { runtimes: readonly FoundRuntime[]; isolation: Readonly<Record<string, unknown>> },
    unlock: () => void,
  ) {
    this.#options = options;
    this.#services = services;
    this.#boxesFolder = boxesFolder;
    this.hostId = hostId;
    this.#found = found;
    this.#unlock = unlock;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#stream = new HostStream({
      client: services.client,
      hostToken: options.hostToken,
      describe: () => this.#describe(),
      onOrder: (order) => this.#obey(order),
      onState: (state, detail) =>
        options.log(
          state === 'connected' ? 'connected to the control plane' : 'the control plane is away',
          detail === '' ? {} : { detail },
        ),
      ...(options.pingTimeoutMs === undefined ? {} : { pingTimeoutMs: options.pingTimeoutMs }),
    });
    const abandonedMs = options.abandonedMs ?? ABANDONED_MS;
    this.#abandonedTimer = setInterval(
      () => this.#endIfAbandoned(abandonedMs),
      Math.min(ABANDONED_LOOK_MS, abandonedMs / 4),
    );
  }

  running(): { workspaceId: string; bootId: string; state: string }[] {
    return [...this.#boxes.values()].map(({ order, state }) => ({
      workspaceId: order.workspaceId,
      bootId: order.bootId,
      state,
    }));
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs, 'stopped');
    return this.#stopping;
  }

  #describe(): HostConnect {
    return {
      hostId: this.hostId as HostConnect['hostId'],
      hostname: hostname().slice(0, 255),
      pid: process.pid,
      version: this.#options.version,
      running: this.running().map(({ workspaceId, bootId }) => ({ workspaceId, bootId })) as HostConnect['running'],
      runtimes: [...this.#found.runtimes],
      isolation: { ...this.#found.isolation },
    };
  }

  #obey(order: HostOrder): void {
    if (this.#stopping !== null || order.type === 'ping') return;
    const box = this.#boxes.get(order.workspaceId);
    switch (order.type) {
      case 'start':
        this.#change(order.workspaceId, () => this.#start(order));
        break;
      case 'stop':
        this.#change(order.workspaceId, () => this.#end(order));
        break;
      case 'work':
        box?.work();
        break;
      case 'cancel':
        box?.cancel(order.taskId);
        break;
      case 'beat':
        box?.beat();
        break;
      case 'call':
        box?.call(order.callId);
        break;
    }
  }

  async #start(order: Extract<HostOrder, { type: 'start' }>): Promise<void> {
    const present = this.#boxes.get(order.workspaceId);
    if (present?.order.bootId === order.bootId) return;
    await present?.stop(0);
    if (this.#stopping !== null) return;
    const box = new Supervisor(this.#services, order, join(this.#boxesFolder, order.workspaceId), (reason) =>
      this.#onBoxEnded(box, reason),
    );
    this.#boxes.set(order.workspaceId, box);
    // Not awaited: a stop that comes while it boots must not wait for its turn.
    void this.#services.bootSlots.run(() => box.boot());
  }

  async #end(order: Extract<HostOrder, { type: 'stop' }>): Promise<void> {
    const present = this.#boxes.get(order.workspaceId);
    // A folder of an earlier life of this host is removed too, when nothing runs in it.
    if (present === undefined && order.wipe)
      rmSync(join(this.#boxesFolder, order.workspaceId), { recursive: true, force: true });
    if (present?.order.bootId === order.bootId) await present.stop(order.graceMs, order.wipe);
  }

  #onBoxEnded(box: Supervisor, reason: string): void {
    if (this.#boxes.get(box.order.workspaceId) === box) this.#boxes.delete(box.order.workspaceId);
    if (reason === 'stopped' || this.#stopping !== null) return;
    this.#options.log('a box ended', { workspace: box.order.workspaceId, boot: box.order.bootId, reason });
    const now = this.#services.now();
    this.#endsInRow = now - this.#lastEndAt > CALM_MS ? 0 : this.#endsInRow + 1;
    this.#lastEndAt = now;
    // The control plane learns of it at a new connection, and gives a new token if the box is still wanted.
    this.#reconnectTimer ??= setTimeout(
      () => {
        this.#reconnectTimer = null;
        this.#stream.reconnect();
      },
      Math.min(FIRST_RECONNECT_MS * 2 ** this.#endsInRow, LONGEST_RECONNECT_MS),
    );
  }

  #change(workspaceId: string, work: () => Promise<void>): void {
    const before = this.#changes.get(workspaceId) ?? Promise.resolve();
    const change = before
      .then(work)
      .catch((error: unknown) => {
        this.#options.log('an order failed', {
          workspace: workspaceId,
          error: error instanceof Error ? error.message : String(error),
        });
      })
      .finally(() => {
        if (this.#changes.get(workspaceId) === change) this.#changes.delete(workspaceId);
      });
    this.#changes.set(workspaceId, change);
  }

  #endIfAbandoned(abandonedMs: number): void {
    const isQuiet =
      this.#services.now() - this.#services.client.lastAnswerAt > abandonedMs && !this.#stream.isConnected;
    const isWorking = [...this.#boxes.values()].some(({ state }) => state === 'working');
    if (isQuiet && !isWorking) this.#stopping ??= this.#stop(0, 'abandoned');
  }

  async #stop(graceMs: number, reason: string): Promise<void> {
    clearInterval(this.#abandonedTimer);
    if (this.#reconnectTimer !== null) clearTimeout(this.#reconnectTimer);
    await this.#stream.close();
    await Promise.allSettled([...this.#boxes.values()].map((box) => box.stop(graceMs)));
    await Promise.allSettled(this.#changes.values());
    this.#services.client.close();
    this.#unlock();
    this.#finish(reason);
  }
}
