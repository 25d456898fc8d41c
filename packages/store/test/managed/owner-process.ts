import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServerConnection } from '../../src/managed/server-login.ts';

interface Up {
  readonly pid: number;
  readonly adopted: boolean;
  readonly connection: ServerConnection;
}

interface Failed {
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Owner {
  readonly pid: number;
  readonly up?: Up;
  readonly failed?: Failed;
  kill(): Promise<void>;
  /** Stops it in good order. */
  end(): Promise<void>;
}

export interface OwnerOptions {
  readonly uid?: number;
  readonly gid?: number;
}

const PROGRAM = fileURLToPath(new URL('owner-program.ts', import.meta.url));

/** Starts a real process that owns the server of a data directory, and waits for what it has to say. */
export async function startOwner(dataDir: string, options: OwnerOptions = {}): Promise<Owner> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', PROGRAM, dataDir],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], MOLECULE_MASTER_KEY: 'never for the database' },
      cwd: '/',
      ...options,
    },
  );
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint += part.toString();
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', () => reject(new Error(`The owner said nothing. ${complaint}`)));
  });
  const said = JSON.parse(line) as { up?: Up; failed?: Failed }; // our own program's words
  return {
    ...said,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
