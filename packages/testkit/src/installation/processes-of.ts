import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
  /** Environment as the process got it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/**
 * Processes of this machine that belong to a data directory: it is named in their command line, environment or working folder. Zombies hold nothing
 * and do not count. Needs /proc.
 */
export function processesOf(dataDir: string): FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const each = readProcess(pid);
    if (each === null) continue;
    const isOurs = [each.command, each.workingDirectory, ...Object.values(each.environment)].some((text) =>
      text.includes(dataDir),
    );
    if (isOurs) found.push(each);
  }
  return found;
}

function readProcess(pid: number): FoundProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, command, environment: environmentOf(pid), workingDirectory: linkOf(`/proc/${pid}/cwd`) };
  } catch {
    return null; // it ended meanwhile
  }
}

function environmentOf(pid: number): Record<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const);
    return Object.fromEntries(pairs);
  } catch {
    return {}; // another user's
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** `kill -9`. True when there was something to kill. */
export function killHard(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
