import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { readProcessStat } from '@molecule/processes';
import { guardGroup } from './host-guard.ts';
import { coverInheritedDescriptors } from './inherited-descriptors.ts';
import { killUntilGone, pollUntilNone } from './kill-until-gone.ts';
import { MARKER_VARIABLE } from './process-census.ts';
import { type OutputBounds, ProcessOutput } from './process-output.ts';
import { groupScope, namespaceScope, type ProcessScope } from './process-scope.ts';
import { addLeader, openRecord, removeRecord } from './recovery-record.ts';
import type { Command, Sandbox } from './sandbox.ts';

export interface RunOptions {
  /** Absent or without mechanism: the process runs as the box host's user, in a group of its own. */
  readonly sandbox?: Sandbox;
  readonly stdin?: 'pipe' | 'ignore';
  /** Where the recovery record is kept while anything of the process is left; absent: no record. */
  readonly recordFile?: string;
  readonly output?: Partial<OutputBounds>;
  /** Time between SIGTERM and SIGKILL for what a process leaves behind when it exits by itself. */
  readonly leftoverGraceMs?: number;
}

export interface ProcessExit {
  /** Exit code, or null after a signal. In a sandbox a signal shows as code 128 + its number. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const DEFAULT_OUTPUT: OutputBounds = { maxLineBytes: 8 * 1024 * 1024, maxWaitingLines: 1_000 };
const DEFAULT_LEFTOVER_GRACE_MS = 200;
const STATUS_DESCRIPTOR = 3;

/**
 * One process of a box with everything that comes out of it.
 *
 * States: running; exited (the process itself is gone, what it left is being ended); ended (nothing is left, the record is removed).
 * `exited` and `ended` never reject on account of the process. A crash of this host leaves nothing of a sandboxed process (kernel), and of a plain one
 * what the guard and then `endLeftovers` find.
 */
export class BoxProcess {
  readonly pid: number;
  readonly output: ProcessOutput;
  readonly exited: Promise<ProcessExit>;
  /** Resolves when no process of this start is left. Rejects only if one cannot be killed. */
  readonly ended: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #scope: ProcessScope;
  #isOver = false;

  /** Use `runInGroup`. */
  constructor(child: ChildProcess, pid: number, scope: ProcessScope, options: RunOptions, release: () => void) {
    this.pid = pid;
    this.#child = child;
    this.#scope = scope;
    this.output = new ProcessOutput(
      { stdout: child.stdout, stderr: child.stderr },
      { ...DEFAULT_OUTPUT, ...options.output },
    );
    child.stdin?.on('error', () => child.stdin?.destroy());
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    this.ended = this.exited.then(async (exit) => {
      await scope.ready;
      if (scope.left().length > 0) await this.#sweep(options.leftoverGraceMs ?? DEFAULT_LEFTOVER_GRACE_MS);
      this.#isOver = true;
      release();
      this.output.expectEnd();
      return exit;
    });
    // Whoever wants to know awaits it; an unkillable process must not take the host down when nobody does.
    this.ended.catch(() => undefined);
  }

  /** Writes to the standard input and waits while the process is slow to read. False: it reads no more. */
  async write(text: string): Promise<boolean> {
    const { stdin } = this.#child;
    if (stdin === null || !stdin.writable) return false;
    return new Promise((resolve) => stdin.write(text, (error) => resolve(error === null || error === undefined)));
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  /**
   * SIGTERM, then after `graceMs` SIGKILL, to everything of this start. Resolves when nothing is left. May be called at
   * any time and more than once.
   */
  async end(options: { readonly graceMs: number }): Promise<ProcessExit> {
    this.output.discardUnread();
    await this.#scope.ready;
    // After the end its numbers may belong to others.
    if (!this.#isOver) this.#scope.signal('SIGTERM');
    const timer = setTimeout(() => {
      if (!this.#isOver) this.#scope.signal('SIGKILL');
    }, options.graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async #sweep(graceMs: number): Promise<void> {
    this.#scope.signal('SIGTERM');
    await pollUntilNone(() => this.#scope.left(), graceMs);
    await killUntilGone(() => this.#scope.left());
  }
}

/**
 * Starts a command in a process group and session of its own, in the sandbox if one is given.
 *
 * @throws Error of the system (`ENOENT`, `EACCES`) where the command cannot be started. Inside a sandbox a missing command shows as exit code 1
 *   with bubblewrap's message on stderr.
 */
export async function runInGroup(command: Command, options: RunOptions = {}): Promise<BoxProcess> {
  const marker = randomUUID();
  const isSandboxed = options.sandbox !== undefined && options.sandbox.mechanism !== 'none';
  const wrapped = options.sandbox?.wrap(command, isSandboxed ? { statusDescriptor: STATUS_DESCRIPTOR } : {}) ?? command;
  if (options.recordFile !== undefined) openRecord(options.recordFile, marker);

  const child = spawn(wrapped.command, [...wrapped.args], {
    cwd: wrapped.cwd,
    env: { ...wrapped.env, [MARKER_VARIABLE]: marker },
    stdio: standardStreams(options.stdin ?? 'ignore', isSandboxed),
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) {
    if (options.recordFile !== undefined) removeRecord(options.recordFile);
    return new Promise((_, reject) => child.once('error', reject));
  }
  const leader = { pid, startTime: readProcessStat(pid)?.startTime ?? '' };
  if (options.recordFile !== undefined) addLeader(options.recordFile, leader);
  const unguard = isSandboxed ? () => undefined : guardGroup(marker, pid);
  // Descriptor 3 was asked for as a pipe above, and such a pipe is a readable stream.
  const scope = isSandboxed
    ? namespaceScope(leader, child.stdio[STATUS_DESCRIPTOR] as Readable)
    : groupScope(leader, marker);
  return new BoxProcess(child, pid, scope, options, () => {
    unguard();
    if (options.recordFile !== undefined) removeRecord(options.recordFile);
  });
}

/** The standard streams, the status report, and nothing of what this host was started with itself. */
function standardStreams(stdin: 'pipe' | 'ignore', hasStatus: boolean): StdioOptions {
  return coverInheritedDescriptors([stdin, 'pipe', 'pipe', ...(hasStatus ? (['pipe'] as const) : [])]);
}
