import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that is tested. */
export const INSTALLATION_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The built CLI, as the launcher runs it; `npm test` builds it first. */
const CLI = join(INSTALLATION_ROOT, 'packages', 'cli', 'dist', 'main.js');
/** Of the environment of the tests only what a machine needs: no key and no address of the developer's own. */
const MACHINE = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'USER'];

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs as this user. */
  readonly uid?: number;
  readonly gid?: number;
  /** Ends it by force after this long. */
  readonly limitMs?: number;
}

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the CLI; the caller ends it. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcessWithoutNullStreams {
  const kept = MACHINE.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  const identity = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  };
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: 'pipe',
    cwd: '/',
    env: { ...Object.fromEntries(kept), ...options.env },
    ...identity,
  });
  child.stdin.end();
  return child;
}

/** Runs the CLI to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 240_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  return { code, stdout, stderr };
}
