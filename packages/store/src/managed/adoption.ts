import { setTimeout as delay } from 'node:timers/promises';
import { MoleculeError } from '@molecule/contracts';
import { findRunningPostmaster, stopPostmaster } from './postmaster.ts';
import { ensureDatabase, serverConnection, somebodyListens } from './server-login.ts';
import { readPostmasterFile } from './server-process.ts';

/** How long a server that was left running may take to answer before it is ended. Recovery may be going on in it. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface FoundServer {
  readonly pid: number;
  readonly socketDirectory: string;
}

/**
 * Looks for a server that an earlier process of ours left running on this cluster, and takes it over if it answers to our
 * password. One that is just stopping is waited for; one that does not answer is ended. Undefined means: none runs
 * now. Throws `data_dir_locked` if one runs that we can neither see nor stop.
 */
export async function adoptServer(
  cluster: string,
  password: string,
  signal: AbortSignal | undefined,
): Promise<FoundServer | undefined> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const pid = findRunningPostmaster(cluster);
    const file = readPostmasterFile(cluster);
    if (pid === undefined) {
      if (file !== undefined && (await somebodyListens(file.socketDirectory))) {
        throw new MoleculeError('data_dir_locked', { params: { pid: file.pid, path: cluster } });
      }
      return undefined;
    }
    if (file?.pid === pid && file.status === 'ready') {
      const { socketDirectory } = file;
      if (await answersToUs(socketDirectory, password)) return { pid, socketDirectory };
    }
    if (performance.now() > deadline) {
      await stopPostmaster(pid, cluster);
      return undefined;
    }
    await delay(20);
  }
}

async function answersToUs(socketDirectory: string, password: string): Promise<boolean> {
  try {
    await ensureDatabase(serverConnection(socketDirectory, password));
    return true;
  } catch {
    return false;
  }
}
