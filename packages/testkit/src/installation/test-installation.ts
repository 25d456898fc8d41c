import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, type DB, openDatabase } from '@molecule/store';
import { type CliOptions, type CliResult, INSTALLATION_ROOT, runCli, startCli } from './cli-process.ts';
import { clearLeftovers, makeDataDir } from './leftovers.ts';
import { killHard, processesOf } from './processes-of.ts';
import { findReadyLine, type ReadyLine } from './ready-line.ts';
import { type Role, rolePids } from './role-pids.ts';
import { until } from './until.ts';

/*
 * An installation as a person runs it: the built CLI in processes of their own, on a data directory of its own in the temporary folder.
 *
 * States: down ⇄ up → disposed. `dispose` ends whatever belongs to the data directory, however it was left, and removes it; when the
 * process of the tests ends before, its exit handler kills what is left.
 */

export { INSTALLATION_ROOT };

export interface InstallationOptions extends CliOptions {
  /** More arguments of `up`. */
  readonly args?: readonly string[];
}

export interface HttpReply<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export interface TestInstallation {
  readonly dataDir: string;
  /** The ready line of the present, or last, life. */
  readonly ready: ReadyLine;
  /** All that `up` wrote, over all lives. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Starts it (again) and waits for the ready line. @throws Error with the output when `up` ends before. */
  up(options?: InstallationOptions): Promise<ReadyLine>;
  /** SIGTERM to `up`; resolves with its exit code. */
  down(): Promise<number | null>;
  /** True while the process of `up` runs. */
  isUp(): boolean;
  /** One command of the CLI on this data directory. */
  cli(...args: readonly string[]): Promise<CliResult>;
  /** HTTP with the owner's token, or with another one; null = none. */
  http<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    options?: { readonly token?: string | null; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<HttpReply<T>>;
  pids(role: Role): number[];
  /** `kill -9` of the processes of a role; gives how many there were. */
  kill(role: Role): number;
  /** The installation's own database, opened anew: close it. */
  openDatabase(): Database<DB>;
  /** Ends and removes everything. Safe to call twice. */
  dispose(): Promise<void>;
}

const READY_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 60_000;
const living = new Set<string>();
process.once('exit', () => {
  for (const dataDir of living) for (const { pid } of processesOf(dataDir)) killHard(pid);
});

/** Makes a data directory and starts the installation on it. The caller calls `dispose`, also when a test fails. */
export async function startTestInstallation(options: InstallationOptions = {}): Promise<TestInstallation> {
  clearLeftovers();
  const installation = new RealInstallation(options);
  try {
    await installation.up();
  } catch (error) {
    await installation.dispose();
    throw error;
  }
  return installation;
}

class RealInstallation implements TestInstallation {
  readonly dataDir: string;
  readonly output = { stdout: '', stderr: '' };
  readonly #options: InstallationOptions;
  #child: ChildProcess | null = null;
  #ready: ReadyLine | null = null;

  constructor(options: InstallationOptions) {
    this.#options = options;
    this.dataDir = makeDataDir();
    chmodSync(this.dataDir, 0o711); // the database's own account has to pass through when we are root
    if (options.uid !== undefined) chownSync(this.dataDir, options.uid, options.gid ?? options.uid);
    living.add(this.dataDir);
  }

  get ready(): ReadyLine {
    if (this.#ready === null) throw new Error('the installation was never up');
    return this.#ready;
  }

  async up(options: InstallationOptions = this.#options): Promise<ReadyLine> {
    // A further life takes the port of the first one, as a person's installation does, unless somebody else has it by now.
    const port = this.#ready === null ? '0' : new URL(this.#ready.url).port;
    return this.#up(options, port).catch((error: unknown) => {
      if (port === '0' || !String(error).includes('port_in_use')) throw error;
      return this.#up(options, '0');
    });
  }

  async #up(options: InstallationOptions, port: string): Promise<ReadyLine> {
    const child = startCli(
      ['--data-dir', this.dataDir, 'up', '--port', port, '--json', ...(options.args ?? [])],
      options,
    );
    this.#child = child;
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      this.output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.output.stderr += text));
    const ready = await until(
      'the ready line',
      () => findReadyLine(printed) ?? (child.exitCode !== null || child.signalCode !== null),
      Boolean,
      READY_LIMIT_MS,
    ).catch(() => undefined);
    if (typeof ready !== 'object')
      throw new Error(
        `up did not become ready (exit ${child.exitCode ?? child.signalCode}):\n${printed}\n${this.output.stderr}`,
      );
    this.#ready = ready;
    return ready;
  }

  async down(): Promise<number | null> {
    const child = this.#child;
    if (child === null) return null;
    if (this.isUp()) {
      const closed = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await closed;
      clearTimeout(timer);
    }
    return child.exitCode;
  }

  isUp(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  cli(...args: readonly string[]): Promise<CliResult> {
    return runCli(['--data-dir', this.dataDir, ...args], this.#options);
  }

  async http<T>(
    method: string,
    path: string,
    body?: unknown,
    options: { readonly token?: string | null; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<HttpReply<T>> {
    const token = options.token === undefined ? this.ready.token : options.token;
    const response = await fetch(this.ready.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // The caller names the shape it then looks at.
    return {
      status: response.status,
      headers: response.headers,
      body: (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T,
    };
  }

  pids(role: Role): number[] {
    return rolePids(this.dataDir, role);
  }

  kill(role: Role): number {
    return this.pids(role).filter(killHard).length;
  }

  openDatabase(): Database<DB> {
    const database = join(this.dataDir, 'database');
    const record = JSON.parse(readFileSync(join(database, 'server.json'), 'utf8')) as { socketDirectory?: string }; // ours
    const password = readFileSync(join(database, 'password'), 'utf8').trim();
    return openDatabase<DB>({
      address: {
        host: record.socketDirectory ?? join(database, 'socket'),
        port: 5432,
        user: 'molecule',
        password,
        database: 'molecule',
      },
      applicationName: 'molecule test',
      maxConnections: 2,
    });
  }

  async dispose(): Promise<void> {
    if (!living.has(this.dataDir)) return;
    await this.down();
    for (const { pid } of processesOf(this.dataDir)) killHard(pid);
    await until(
      'everything of the installation has ended',
      () => processesOf(this.dataDir).map(({ command }) => command),
      (left) => left.length === 0,
    );
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    living.delete(this.dataDir);
  }
}
