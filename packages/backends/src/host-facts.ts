import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';

/** The means of isolation that this machine has. */
export interface HostFacts {
  readonly platform: NodeJS.Platform;
  readonly kernel: string;
  readonly uid: number;
  /** Null where bubblewrap is not installed. */
  readonly bubblewrap: BubblewrapFacts | null;
  /** Absolute path of `nsenter` (util-linux), with which a turn joins the network of its box. */
  readonly nsenter: string | null;
}

export interface BubblewrapFacts {
  readonly path: string;
  readonly version: readonly [major: number, minor: number];
  /** What it said when it was tried and did not work: installed is not enough, the kernel must permit the namespaces too. */
  readonly failure: string | null;
}

/** Looks for the programs on `searchPath`, a value like that of `PATH`. Takes about 15 ms: keep the answer for all boxes of a host. */
export async function readHostFacts(searchPath: string = process.env['PATH'] ?? ''): Promise<HostFacts> {
  const path = process.platform === 'linux' ? findExecutable('bwrap', searchPath) : null;
  return {
    platform: process.platform,
    kernel: release(),
    uid: process.getuid?.() ?? -1,
    bubblewrap: path === null ? null : await readBubblewrap(path),
    nsenter: findExecutable('nsenter', searchPath),
  };
}

export function findExecutable(name: string, searchPath: string): string | null {
  for (const directory of searchPath.split(delimiter)) {
    if (directory === '') continue;
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next directory may have it.
    }
  }
  return null;
}

async function readBubblewrap(path: string): Promise<BubblewrapFacts> {
  const [version, trial] = await Promise.all([run(path, ['--version']), run(path, TRIAL)]);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version.stdout) ?? []).map(Number);
  return { path, version: [major, minor], failure: trial.failure };
}

/** The namespaces of a box around a program that does nothing. */
const TRIAL = [
  '--unshare-user',
  '--uid',
  '1000',
  '--gid',
  '1000',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-net',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  'true',
];

function run(path: string, args: readonly string[]): Promise<{ stdout: string; failure: string | null }> {
  return new Promise((resolve) => {
    execFile(path, args, { timeout: 5_000 }, (error, stdout, stderr) => {
      resolve({ stdout, failure: error === null ? null : stderr.trim().slice(0, 500) || error.message });
    });
  });
}
