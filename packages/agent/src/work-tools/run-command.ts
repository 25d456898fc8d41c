import { spawn } from 'node:child_process';
import { boundedText, TOOL_OUTPUT_LIMIT_CHARS } from './bounded-text.ts';
import { killTree } from './descendants.ts';

/** A command that runs longer is ended; long work belongs in the background of a task of its own. */
export const COMMAND_TIMEOUT_MS = 600_000;

/**
 * Runs a shell command in `folder` and gives its output and exit code as text. It never outlives the signal: on abort and on
 * timeout everything the command started is killed.
 */
export async function runCommand(
  folder: string,
  command: string,
  signal: AbortSignal,
  timeoutMs: number = COMMAND_TIMEOUT_MS,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const take = (chunk: Buffer) => {
    // Twice the limit is kept, so that the end of a long output is there too.
    output += chunk.toString('utf8');
    if (output.length > TOOL_OUTPUT_LIMIT_CHARS * 4) output = boundedText(output, TOOL_OUTPUT_LIMIT_CHARS * 2);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  let ended = '';
  const end = (why: string) => {
    ended = why;
    if (child.pid !== undefined) void killTree(child.pid);
  };
  const onAbort = () => end('cancelled');
  const timer = setTimeout(() => end(`ended after ${timeoutMs} ms`), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const status = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      // `exit` and not `close`: a daemon that keeps the pipe open does not hold the turn.
      child.once('exit', (code, by) => resolve(by === null ? `exit code ${code}` : `signal ${by}`));
    });
    signal.throwIfAborted();
    return `${boundedText(output)}\n[${ended === '' ? status : ended}]`.trimStart();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
