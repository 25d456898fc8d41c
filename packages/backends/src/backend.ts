import type { ProcessExit } from './box-process.ts';
import type { IsolationPolicy } from './isolation-policy.ts';
import type { IsolationReport } from './isolation-report.ts';
import type { Command } from './sandbox.ts';

/** What a box is made from. */
export interface BoxSpec {
  /** Name of the box, unique in its backend: letters, digits, `-`, `_` and `.`. */
  readonly id: string;
  readonly policy: IsolationPolicy;
  /** The program that runs for as long as the box is started. */
  readonly main: Command;
}

export type BoxStatus =
  | { readonly state: 'created' }
  | { readonly state: 'running'; readonly startedAt: Date; readonly pid: number }
  | { readonly state: 'stopped'; readonly exit: ProcessExit };

export interface ExecResult {
  readonly exit: ProcessExit;
  readonly stdout: string;
  readonly stderr: string;
  /** True where the command was ended because its time was over. */
  readonly timedOut: boolean;
}

export interface BoxEntry {
  readonly name: string;
  readonly kind: 'directory' | 'other';
}

/**
 * Where boxes run. The backends differ in what a box is made of and agree on this; `test/conformance.ts` holds each to it.
 *
 * An id that is not there is `workspace_not_found` for every call. Paths of files are relative to the workspace's own
 * folder, and nothing outside it can be reached through them, whatever links an agent has put there.
 */
export interface Backend {
  readonly kind: 'process';
  /** Makes a box and starts nothing. What an earlier host process left of it is ended first. Creating it again replaces a box that does not run. */
  create(spec: BoxSpec): Promise<void>;
  /** Starts the main program. A box that runs stays as it is. */
  start(id: string): Promise<void>;
  /** Asks the box to end, waits `graceMs`, then kills. Resolves when nothing of it runs, also for one that did not run. */
  stop(id: string, options: { readonly graceMs: number }): Promise<void>;
  /** `stop` without waiting. */
  kill(id: string): Promise<void>;
  /** Stops the box and forgets it and its log. The workspace's folder stays. */
  remove(id: string): Promise<void>;
  status(id: string): Promise<BoxStatus>;
  /** The last lines that the main program has written, both streams, oldest first. They outlive the host process. */
  logs(id: string, options: { readonly lastLines: number }): Promise<readonly string[]>;
  /** Runs a command in the box's isolation beside the main program, and waits for it. Output beyond 1 MiB for each stream is dropped. */
  exec(id: string, command: Command, options: { readonly limitMs: number }): Promise<ExecResult>;
  /** @throws MoleculeError `invalid_request` where there is no such file or it is over 8 MiB. */
  readFile(id: string, path: string): Promise<Buffer>;
  writeFile(id: string, path: string, content: Buffer): Promise<void>;
  listFiles(id: string, path: string): Promise<readonly BoxEntry[]>;
  /** What is really enforced for this box, see `measureIsolation`. */
  isolation(id: string): Promise<IsolationReport>;
}
