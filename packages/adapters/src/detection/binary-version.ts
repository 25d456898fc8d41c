import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A CLI that cannot say its version within this time is broken. Some need 2 s of processor time for it, and wait longer for it on a busy machine. */
const VERSION_TIMEOUT_MS = 30_000;

/** First `1.2.3` that `command args…` prints; the reason as an error message when there is none. */
export async function versionOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs = VERSION_TIMEOUT_MS,
): Promise<string> {
  const { stdout, stderr } = await run(command, [...args], {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: { ...env },
    maxBuffer: 1_000_000,
  });
  const version = /\d+\.\d+\.\d+(?:[.+-]\w+)*/.exec(`${stdout}\n${stderr}`)?.[0];
  if (version === undefined)
    throw new Error(`it does not print a version: ${`${stdout}${stderr}`.trim().slice(0, 200)}`);
  return version;
}

/** True when `version` is at least `minimum`, compared number by number. */
export function isAtLeast(version: string, minimum: string): boolean {
  const left = numbers(version);
  const right = numbers(minimum);
  for (let at = 0; at < 3; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): readonly number[] {
  return version
    .split(/[.+-]/)
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 10) || 0);
}
