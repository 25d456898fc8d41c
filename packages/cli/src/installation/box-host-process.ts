import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adapterFor, knownRuntimes } from '@molecule/adapters';
import { hostEnvironment, liveBoxHost } from '@molecule/supervisor';
import type { DataDir } from './data-dir.ts';

export interface BoxHostProcess {
  /** Process id; another one after a restart. */
  readonly pid: number;
  /** True when it ran already and goes on, with its boxes. */
  readonly adopted: boolean;
  /** Ends it with its boxes; resolves when it is gone. */
  stop(): Promise<void>;
}

const STOP_LIMIT_MS = 20_000;
const STOP_POLL_MS = 20;
/** An adopted host is nobody's child here, so its end shows only by looking. */
const LOOK_INTERVAL_MS = 500;
const FIRST_RESTART_MS = 50;
const LONGEST_RESTART_MS = 30_000;
/** A host that ran this long had nothing wrong with it. */
const SOUND_MS = 60_000;

/**
 * The box host of this data directory: the one that runs already, or a new one in its own session, so that its boxes live on when the
 * control plane dies. Its tokens come from files, never from arguments, and of the environment it gets only what it needs.
 *
 * States: running ⇄ lost (it ended by itself or was killed; a new one is started, with growing pauses when that happens again and again) → stopped.
 * A crash of this process leaves the host running; the next start adopts it.
 * @param onLost told of each unexpected end, with the pause before the restart
 */
export async function ensureBoxHost(
  dir: DataDir,
  onLost: (pid: number, restartInMs: number) => void,
): Promise<BoxHostProcess> {
  const live = liveBoxHost(dir.root);
  const host = new WatchedBoxHost(dir, onLost);
  if (live === null) host.start();
  else host.adopt(live);
  return host;
}

class WatchedBoxHost implements BoxHostProcess {
  readonly #dir: DataDir;
  readonly #onLost: (pid: number, restartInMs: number) => void;
  #pid = 0;
  #adopted = false;
  #isStopping = false;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #pauseMs = FIRST_RESTART_MS;

  constructor(dir: DataDir, onLost: (pid: number, restartInMs: number) => void) {
    this.#dir = dir;
    this.#onLost = onLost;
  }

  get pid(): number {
    return this.#pid;
  }

  get adopted(): boolean {
    return this.#adopted;
  }

  adopt(pid: number): void {
    this.#pid = pid;
    this.#adopted = true;
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => {
      if (liveBoxHost(this.#dir.root) === pid) return;
      clearInterval(this.#timer);
      this.#lost();
    }, LOOK_INTERVAL_MS);
  }

  start(): void {
    const child = spawnBoxHost(this.#dir);
    if (child.pid === undefined) throw new Error('the box host process could not be started');
    this.#pid = child.pid;
    this.#startedAt = performance.now();
    child.once('exit', () => this.#lost());
    child.unref();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await stopProcess(this.#pid);
  }

  #lost(): void {
    if (this.#isStopping) return;
    if (performance.now() - this.#startedAt > SOUND_MS) this.#pauseMs = FIRST_RESTART_MS;
    this.#onLost(this.#pid, this.#pauseMs);
    this.#timer = setTimeout(() => this.#restart(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_RESTART_MS);
  }

  #restart(): void {
    const live = liveBoxHost(this.#dir.root);
    try {
      if (live === null) this.start();
      else this.adopt(live);
    } catch {
      this.#lost();
    }
  }
}

function spawnBoxHost(dir: DataDir): ChildProcess {
  const entry = fileURLToPath(import.meta.resolve('@molecule/supervisor/main'));
  const log = openSync(join(dir.logs, 'box-host.log'), 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=1', entry, '--data-dir', dir.root, '--token-file', join(dir.keys, 'host.token')],
      {
        detached: true,
        stdio: ['ignore', log, log],
        env: hostEnvironment(process.env, knownRuntimes().map(adapterFor)),
      },
    );
    child.on('error', () => undefined); // shows as a missing process id
    return child;
  } finally {
    closeSync(log);
  }
}

async function stopProcess(pid: number): Promise<void> {
  if (!signal(pid, 'SIGTERM')) return;
  for (let waited = 0; waited < STOP_LIMIT_MS; waited += STOP_POLL_MS) {
    if (!signal(pid, 0)) return;
    await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
  }
  signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
