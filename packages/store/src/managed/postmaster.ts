import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MoleculeError } from '@molecule/contracts';
import { identifyProcess, isRunning } from '@molecule/processes';
import { diagnoseStart } from './failure-diagnosis.ts';
import { SOCKET_PORT } from './server-configuration.ts';
import {
  endOf,
  logLength,
  readLockOwner,
  readLogFrom,
  readPostmasterFile,
  type ServerProgram,
  spawnServerProgram,
} from './server-process.ts';

const POLL_MS = 5;
/** How long remains of a killed server may be in the way. Its processes notice its end within a moment. */
const REMAINS_TIMEOUT_MS = 30_000;
/** Writing a lock file takes microseconds; without procfs its age tells whether somebody still does. */
const LOCK_FILE_WRITING_MS = 2_000;

export interface Postmaster {
  readonly pid: number;
  /** Resolves when the process has ended: with its exit code or signal in words. */
  readonly ended: Promise<string>;
}

/**
 * Starts the server and waits until it takes connections; crash recovery is part of that and takes as long as it takes.
 * Throws from the catalogue what the server's own log says, and `data_dir_locked` if another server serves the cluster by now.
 * Ends the server again by force when `signal` aborts.
 */
export async function startPostmaster(
  program: ServerProgram,
  socketDirectory: string,
  signal: AbortSignal | undefined,
): Promise<Postmaster> {
  const deadline = performance.now() + REMAINS_TIMEOUT_MS;
  for (;;) {
    signal?.throwIfAborted();
    removeStaleLockFiles(program.cluster, socketDirectory);
    const logStart = logLength(program.logPath);
    const child = spawnServerProgram(program);
    const ended = endOf(child);
    if (await isReady(program.cluster, child.pid, ended, signal)) return { pid: child.pid ?? 0, ended };
    const failure = diagnoseStart(readLogFrom(program.logPath, logStart), await ended, program.logPath);
    if (failure.kind === 'final') throw failure.error;
    const other = findRunningPostmaster(program.cluster);
    if (other !== undefined)
      throw new MoleculeError('data_dir_locked', { params: { pid: other, path: program.cluster } });
    if (performance.now() > deadline) {
      const detail = `remains of an earlier server are in the way (${failure.because})`;
      throw new MoleculeError('database_start_failed', { params: { detail, logPath: program.logPath } });
    }
    await delay(50);
  }
}

async function isReady(
  cluster: string,
  pid: number | undefined,
  ended: Promise<string>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (pid === undefined) return false;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over) {
    const file = readPostmasterFile(cluster);
    if (file?.pid === pid && file.status === 'ready') return true;
    if (signal?.aborted === true) {
      await stopPostmaster(pid, cluster, { fastMs: 0, immediateMs: 0 });
      signal.throwIfAborted();
    }
    await delay(POLL_MS);
  }
  return false;
}

/**
 * The process id of a server that runs on this cluster, whoever started it. A lock file whose process is gone, is a zombie,
 * or is another program that got the id since, says nothing.
 */
export function findRunningPostmaster(cluster: string): number | undefined {
  const pid = readPostmasterFile(cluster)?.pid;
  return pid !== undefined && servesCluster(pid, cluster) ? pid : undefined;
}

/**
 * Removes the lock files of cluster and socket if no server stands behind them. PostgreSQL itself would believe a zombie, and a stranger
 * with the same id, and it refuses for ever over a file without an id, as a server leaves it that is killed between making and
 * writing it. It still looks for living processes of the old server at the shared memory, so this starts no second one.
 */
function removeStaleLockFiles(cluster: string, socketDirectory: string): void {
  for (const path of [join(cluster, 'postmaster.pid'), join(socketDirectory, `.s.PGSQL.${SOCKET_PORT}.lock`)]) {
    const pid = readLockOwner(path);
    const served = pid === undefined ? isBeingWritten(path, cluster) : servesCluster(pid, cluster);
    if (!served) rmSync(path, { force: true });
  }
}

/** Whether the writer of a lock file without an id may still be at work. It enters the cluster before it makes the file. */
function isBeingWritten(path: string, cluster: string): boolean {
  if (process.platform === 'linux') return processesOn(cluster).length > 0;
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && Date.now() - changed < LOCK_FILE_WRITING_MS;
}

export interface StopLimits {
  /** Time for a fast shutdown (SIGINT: sessions are ended, a checkpoint is written). */
  readonly fastMs: number;
  /** Time for an immediate one after that (SIGQUIT: no checkpoint, the next start recovers). */
  readonly immediateMs: number;
}

export const STOP_LIMITS: StopLimits = { fastMs: 20_000, immediateMs: 6_000 };

/** Ends the server: fast, then immediate, then SIGKILL, each within its time. Returns when none of its processes is left. */
export async function stopPostmaster(pid: number, cluster: string, limits: StopLimits = STOP_LIMITS): Promise<void> {
  const { startToken, state } = identifyProcess(pid);
  if (state === 'running') {
    const ended =
      (limits.fastMs > 0 && (await endsAfter('SIGINT', pid, startToken, limits.fastMs))) ||
      (limits.immediateMs > 0 && (await endsAfter('SIGQUIT', pid, startToken, limits.immediateMs)));
    if (!ended) await endsAfter('SIGKILL', pid, startToken, REMAINS_TIMEOUT_MS);
  }
  await endProcessesOn(cluster);
}

/** Ends by force what still works in the cluster, and waits until it is gone. */
export async function endProcessesOn(cluster: string): Promise<void> {
  for (const remaining of processesOn(cluster)) send('SIGKILL', remaining);
  const deadline = performance.now() + REMAINS_TIMEOUT_MS;
  while (processesOn(cluster).length > 0 && performance.now() < deadline) await delay(POLL_MS);
}

async function endsAfter(signal: NodeJS.Signals, pid: number, startToken: string, limitMs: number): Promise<boolean> {
  send(signal, pid);
  const deadline = performance.now() + limitMs;
  while (isRunning(pid, startToken)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

/** PostgreSQL works inside its data directory, so the working directory tells whose server a process is. */
function servesCluster(pid: number, cluster: string): boolean {
  if (!isRunning(pid)) return false;
  return process.platform === 'linux' ? worksIn(pid, cluster) : wasStartedOn(pid, cluster);
}

/** Without procfs the command line has to tell; the server keeps its own. */
function wasStartedOn(pid: number, cluster: string): boolean {
  try {
    const command = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    return command.trimEnd().endsWith(` -D ${cluster}`);
  } catch {
    return false;
  }
}

function processesOn(cluster: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && worksIn(pid, cluster) && isPostgres(pid) && isRunning(pid));
}

function worksIn(pid: number, cluster: string): boolean {
  try {
    const place = statSync(`/proc/${pid}/cwd`);
    const wanted = statSync(cluster);
    return place.dev === wanted.dev && place.ino === wanted.ino;
  } catch {
    return false;
  }
}

/** Somebody's shell can stand in the folder as well. */
function isPostgres(pid: number): boolean {
  try {
    return /\/postgres( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}
