import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { ServerAccount } from './server-account.ts';

/** How a program of PostgreSQL is run on a cluster. */
export interface ServerProgram {
  readonly program: string;
  readonly cluster: string;
  readonly args: readonly string[];
  readonly account: ServerAccount | undefined;
  /** Both output streams are appended here. Made with mode 0600. */
  readonly logPath: string;
  /**
   * The account cannot pass through the directories above the cluster (a data directory under root's 0700 home). The program
   * then gets the cluster as an open descriptor and names it `/proc/self/fd/3`: the way to it is not walked again.
   */
  readonly byDescriptor: boolean;
}

const CLUSTER_DESCRIPTOR = 3;

/**
 * Starts the program in a session of its own, so that a Ctrl-C in the terminal reaches us and not the database. It gets no
 * environment of ours: keys and tokens in it are none of the database's business.
 */
export function spawnServerProgram(options: ServerProgram): ChildProcess {
  const { program, args, account, byDescriptor, cluster, logPath } = options;
  const log = openSync(logPath, 'a', 0o600);
  const folder = byDescriptor ? openSync(cluster, 'r') : undefined;
  try {
    const child = spawn(
      program,
      ['-D', folder === undefined ? cluster : `/proc/self/fd/${CLUSTER_DESCRIPTOR}`, ...args],
      {
        cwd: '/',
        detached: true,
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
        stdio: folder === undefined ? ['ignore', log, log] : ['ignore', log, log, folder],
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      },
    );
    return child;
  } finally {
    closeSync(log);
    if (folder !== undefined) closeSync(folder);
  }
}

/** Ends a program and what it runs, by force. Each program has a process group of its own. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** Waits for the end of a program. Resolves with its exit code, or the name of the signal that ended it. */
export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve(child.signalCode ?? `exit code ${child.exitCode}`);
      return;
    }
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/** Size of the log, to read later only what a program added to it. */
export function logLength(path: string): number {
  try {
    const file = openSync(path, 'r');
    try {
      return fstatSync(file).size;
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
}

const LONGEST_LOG_PART_BYTES = 64 * 1024;

export function readLogFrom(path: string, start: number): string {
  const length = logLength(path) - start;
  if (length <= 0) return '';
  const size = Math.min(length, LONGEST_LOG_PART_BYTES);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(size);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, size, start + length - size));
  } finally {
    closeSync(file);
  }
}

/** What a running server notes in `postmaster.pid` in its cluster. */
export interface PostmasterFile {
  readonly pid: number;
  readonly socketDirectory: string;
  /** `starting`, `ready`, `stopping`, `standby`, or empty while it is being written. */
  readonly status: string;
}

/** The process id that both of PostgreSQL's lock files (cluster and socket) begin with. */
export function readLockOwner(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  try {
    const lines = readFileSync(`${cluster}/postmaster.pid`, 'utf8').split('\n');
    const pid = Number.parseInt(lines[0] ?? '', 10);
    if (!Number.isInteger(pid)) return undefined;
    return { pid, socketDirectory: lines[4] ?? '', status: (lines[7] ?? '').trim() };
  } catch {
    return undefined;
  }
}
