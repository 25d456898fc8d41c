import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMoleculeError } from '@molecule/contracts';
import { adoptServer, type FoundServer } from './adoption.ts';
import { copyPlaces, makeRunnable } from './binary-copy.ts';
import { ensurePassword, initializeCluster } from './cluster-initialization.ts';
import {
  type ClusterRecord,
  dataDirectoryAt,
  majorOfCluster,
  openDataDirectory,
  ownerOfCluster,
  readClusterRecord,
  writeClusterRecord,
} from './data-directory.ts';
import { lockDirectory } from './directory-lock.ts';
import { type Launch, launchServer } from './launch.ts';
import type { Postmaster } from './postmaster.ts';
import { canPass, chooseServerAccount } from './server-account.ts';
import { chooseServerBinaries, type ServerBinaries } from './server-binaries.ts';
import { firstLogin, type ServerConnection, serverConnection } from './server-login.ts';
import { type ManagedPostgresEvent, ServerSupervision } from './server-supervision.ts';
import { ensureSocketDirectory, removeSocketDirectory } from './socket-directory.ts';

/*
 * The managed PostgreSQL server: a real server that the control plane starts for itself.
 *
 * Invariants
 *   - one process of ours per data directory (directory-lock), and one server per cluster (PostgreSQL's own lock file and
 *     shared memory, after we removed what a zombie or a stranger's process id makes look alive);
 *   - `cluster/` exists only complete: it is made beside its place and renamed;
 *   - the cluster is only ever opened by the major that made it.
 *
 * What a crash leaves
 *   - of our process: the server runs on. The next start adopts it.
 *   - of the server: its lock file and socket. The next start removes them and PostgreSQL recovers from its log.
 *   - of both, at any moment: both of the above; an unfinished cluster is thrown away and made again.
 */

export interface ManagedPostgresLog {
  info(message: string): void;
  warn(message: string): void;
}

export interface ManagedPostgresOptions {
  /** Directory of the server; made if absent. Must be empty or ours. */
  readonly dataDir: string;
  readonly log: ManagedPostgresLog;
  /** Aborts the start. Nothing that this call started is left. Has no effect later: use `stop`. */
  readonly signal?: AbortSignal;
  /** Told when the server is lost and when it is back. */
  readonly onEvent?: (event: ManagedPostgresEvent) => void;
  /** Installations to choose from, best first. Default: what this machine has. */
  readonly binaries?: Iterable<ServerBinaries>;
  /** Settings of `postgresql.conf` that win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ManagedPostgres {
  /** For the client. Holds a password. */
  readonly connection: ServerConnection;
  readonly major: number;
  /** True if the server was running already, left by an earlier process. */
  readonly adopted: boolean;
  /** Process id of the server; another one after a restart. */
  readonly pid: number;
  /** Directory of the socket, which a sandbox must keep out of reach. */
  readonly socketDirectory: string;
  /** Ends the server (fast, then immediate, then by force) and gives the directory free. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts, or adopts, the server of a data directory and waits until it takes connections. A server that dies is started
 * again until `stop` is called. Throws `data_dir_unwritable`, `data_dir_foreign`, `data_dir_newer`, `data_dir_locked`,
 * `database_major_mismatch`, `database_binaries_missing`, `database_unprivileged_user_missing`, `database_full` and
 * `database_start_failed`.
 */
export async function startManagedPostgres(options: ManagedPostgresOptions): Promise<ManagedPostgres> {
  const { log, signal } = options;
  signal?.throwIfAborted();
  const directory = dataDirectoryAt(resolve(options.dataDir));
  const account = chooseServerAccount({ owner: ownerOfCluster(directory) });
  openDataDirectory(directory, account !== undefined);
  const lock = await lockDirectory(directory.lock, directory.root);
  try {
    // Read again under the lock: the holder before us may have written it.
    let record = readClusterRecord(directory) ?? openDataDirectory(directory, account !== undefined);
    const save = (change: Partial<ClusterRecord>): void => {
      record = { ...record, ...change };
      writeClusterRecord(directory, record);
    };
    if (!existsSync(directory.record)) save({});

    const existingMajor = majorOfCluster(directory, record);
    const binaries = chooseServerBinaries(existingMajor, options.binaries);
    const socketDirectory = ensureSocketDirectory(directory, account, record.socketDirectory);
    if (socketDirectory !== (record.socketDirectory ?? directory.socket)) save({ socketDirectory });
    const byDescriptor = account !== undefined && !canPass(account, directory.root);
    const { bin, copied } = makeRunnable(binaries, account, copyPlaces(account, directory.binaries));
    if (copied) log.info(`PostgreSQL programs are used from a copy at ${bin}`);
    if (account !== undefined) {
      log.info(`PostgreSQL refuses to run as root: the server runs as the user ${account.name} (uid ${account.uid})`);
    }

    const launch: Launch = {
      directory,
      bin,
      major: binaries.major,
      account,
      byDescriptor,
      socketDirectory,
      settings: options.settings ?? {},
    };
    if (!existsSync(directory.cluster)) await initializeCluster({ ...launch, signal });
    if (record.major === undefined || existingMajor === undefined) {
      save({ major: binaries.major, version: binaries.version });
    }
    return await startOrAdopt(launch, options, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startOrAdopt(
  launch: Launch,
  options: ManagedPostgresOptions,
  release: () => void,
): Promise<ManagedPostgres> {
  const { directory } = launch;
  const { log, signal } = options;
  const password = ensurePassword(directory);
  const found = await findOrLaunch(launch, password, signal);
  const { socketDirectory } = found;
  if (socketDirectory !== launch.socketDirectory) removeSocketDirectory(directory, launch.socketDirectory);
  const connection = serverConnection(socketDirectory, password);
  const supervision = new ServerSupervision({
    cluster: directory.cluster,
    restart: (abort) => launchServer({ ...launch, socketDirectory }, abort),
    onEvent: (event) => {
      log.warn(describe(event));
      options.onEvent?.(event);
    },
  });

  if ('ended' in found) {
    supervision.watch(found);
    await firstLogin(connection, directory.log).catch(async (error: unknown) => {
      await supervision.stop();
      throw error;
    });
  } else {
    supervision.adopt(found.pid);
    log.info(`PostgreSQL was left running by an earlier process (pid ${found.pid}) and is taken over`);
  }

  let stopping: Promise<void> | undefined;
  return {
    connection,
    major: launch.major,
    adopted: !('ended' in found),
    get pid() {
      return supervision.pid;
    },
    socketDirectory,
    stop: () => {
      stopping ??= supervision.stop().finally(() => {
        removeSocketDirectory(directory, socketDirectory);
        release();
      });
      return stopping;
    },
  };
}

/** Takes over the server that runs, or starts one. */
async function findOrLaunch(
  launch: Launch,
  password: string,
  signal: AbortSignal | undefined,
): Promise<FoundServer | (Postmaster & { socketDirectory: string })> {
  const adopt = (): Promise<FoundServer | undefined> => adoptServer(launch.directory.cluster, password, signal);
  const found = await adopt();
  if (found !== undefined) return found;
  try {
    return { ...(await launchServer(launch, signal)), socketDirectory: launch.socketDirectory };
  } catch (error) {
    // A server that was still coming up when its process of ours was killed may have been invisible a moment ago.
    const late = isMoleculeError(error, 'data_dir_locked') ? await adopt() : undefined;
    if (late !== undefined) return late;
    throw error;
  }
}

function describe(event: ManagedPostgresEvent): string {
  switch (event.type) {
    case 'lost':
      return `PostgreSQL (pid ${event.pid}) ended unexpectedly (${event.ending}); it is started again`;
    case 'restart_failed':
      return `PostgreSQL could not be started again (${event.error.message}); next attempt in ${event.retryInMs} ms`;
    case 'restarted':
      return `PostgreSQL runs again (pid ${event.pid}) after ${Math.round(event.outageMs)} ms`;
  }
}
