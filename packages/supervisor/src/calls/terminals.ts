import { existsSync } from 'node:fs';
import type { BoxProcess, SpawnPlan } from '@molecule/adapters';
import { MoleculeError, type TerminalInfo, type TerminalOutput } from '@molecule/contracts';
import { Terminal, type TerminalEnd, type TerminalLimits } from './terminal.ts';

const LIMITS: TerminalLimits = { idleMs: 30 * 60_000, unwatchedMs: 15 * 60_000 };
const MOST_TERMINALS = 4;
/** So long the last output of an ended one can be read. */
const REMEMBERED_MS = 60_000;
const SHELLS = ['/bin/bash', '/bin/sh'];

export interface TerminalsOptions {
  /** Starts a process behind the walls of the box; `release` is called when it has ended. */
  readonly spawn: (plan: SpawnPlan) => Promise<{ readonly child: BoxProcess; release(): void }>;
  /** The program that holds a shell, and the module that it needs; null where this machine has none. */
  readonly program: { readonly file: string; readonly module: string } | null;
  readonly cwd: string;
  /** Environment of the shell: no token and no secret of the workspace is in it. */
  readonly env: Readonly<Record<string, string>>;
  readonly onEnded: (info: TerminalInfo, reason: TerminalEnd) => void;
  readonly limits?: TerminalLimits;
}

/** The shells that people have opened in one box. All of them end with it. */
export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #terminals = new Map<string, Terminal>();

  constructor(options: TerminalsOptions) {
    this.#options = options;
  }

  /** @throws MoleculeError `terminal_refused` */
  async open(id: string, by: string, cols: number, rows: number): Promise<TerminalInfo> {
    const { spawn, program, cwd, env, onEnded, limits } = this.#options;
    if (program === null)
      throw refused(
        'the box host has no module for terminals on this machine',
        'Install Molecule with optional packages.',
      );
    if (this.list().length >= MOST_TERMINALS)
      throw refused(`${MOST_TERMINALS} are open already`, 'Close one of them first.');
    const shell = SHELLS.find((each) => existsSync(each)) ?? '/bin/sh';
    const { child, release } = await spawn({
      command: process.execPath,
      args: [program.file, program.module, shell, String(cols), String(rows)],
      env,
      cwd,
    });
    const info = { id, openedAt: new Date().toISOString(), openedBy: by, cols, rows };
    const terminal = new Terminal(info, child, limits ?? LIMITS);
    this.#terminals.set(id, terminal);
    void terminal.finished.then((reason) => {
      release();
      onEnded(info, reason);
      setTimeout(() => this.#terminals.delete(id), REMEMBERED_MS).unref();
    });
    return info;
  }

  list(): TerminalInfo[] {
    return [...this.#terminals.values()]
      .filter(({ ended }) => ended === null)
      .map(({ info, size }) => ({ ...info, ...size }));
  }

  read(id: string, from: number, waitMs: number): Promise<TerminalOutput> {
    return this.#get(id).read(from, waitMs);
  }

  async write(id: string, data: string): Promise<void> {
    await this.#living(id).write(data);
  }

  async resize(id: string, cols: number, rows: number): Promise<void> {
    await this.#living(id).resize(cols, rows);
  }

  async close(id: string): Promise<void> {
    await this.#get(id).end('closed');
  }

  #get(id: string): Terminal {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined) throw new MoleculeError('terminal_not_found', { params: { terminal: id } });
    return terminal;
  }

  #living(id: string): Terminal {
    const terminal = this.#get(id);
    if (terminal.ended !== null) throw new MoleculeError('terminal_not_found', { params: { terminal: id } });
    return terminal;
  }
}

function refused(detail: string, nextStep: string): MoleculeError {
  return new MoleculeError('terminal_refused', { params: { detail, nextStep } });
}
