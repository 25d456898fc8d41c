import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { BootstrapError } from './progress.mjs';

const LOG_HEAD_LINES = 25;

/**
 * An install by the lockfile that runs no package's script. The retry delays are short because npm retries per package: with its
 * own (10 and 60 s), a registry that cannot be reached was reported only after more than ten minutes.
 */
export const NPM_CI = [
  ...['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
  ...['--fetch-retries=3', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=4000'],
];

/** The child that runs at this moment, so that a signal to us reaches it. */
let running;

/** The signal that asked us to stop, once one came. */
let interruptedBy;

/**
 * Ends the running child; the step it belongs to then fails and cleans up.
 * @param {NodeJS.Signals} signal
 */
export function interrupt(signal) {
  interruptedBy = signal;
  running?.kill(signal);
}

/**
 * Runs one program with its output in a log file, and throws with the beginning of that log when it fails.
 * @param {{argv: string[], cwd: string, env?: NodeJS.ProcessEnv, logFile: string, hint: string,
 *   onPid?: (pid: number | undefined) => void}} options
 */
export async function run({ argv, cwd, env, logFile, hint, onPid }) {
  refuseWhenInterrupted();
  const [program, ...args] = argv;
  const log = openSync(logFile, 'w');
  try {
    const code = await new Promise((resolve, reject) => {
      running = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', log, log] });
      onPid?.(running.pid);
      running.once('error', reject);
      running.once('exit', (status, signal) => resolve(signal ?? status));
    });
    refuseWhenInterrupted();
    if (code !== 0) {
      // npm and tsc both say what is wrong first and how they are used last.
      const said = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(0, LOG_HEAD_LINES).join('\n');
      throw new BootstrapError(
        `${argv.slice(0, 3).join(' ')} ended with ${code}:\n${said}`,
        `${hint} Full log: ${logFile}`,
      );
    }
  } catch (error) {
    if (error instanceof BootstrapError) throw error;
    throw new BootstrapError(`could not start ${program}: ${error.message}`, hint);
  } finally {
    running = undefined;
    onPid?.(undefined);
    closeSync(log);
  }
}

function refuseWhenInterrupted() {
  if (interruptedBy === undefined) return;
  throw new BootstrapError(
    'interrupted',
    'Nothing is half-installed: run this again to continue.',
    interruptedBy === 'SIGINT' ? 130 : 143,
  );
}
