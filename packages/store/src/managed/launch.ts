import { chownSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { asDirectoryError, type DataDirectory } from './data-directory.ts';
import { writeDurableFile } from './durable-file.ts';
import { type Postmaster, startPostmaster } from './postmaster.ts';
import type { ServerAccount } from './server-account.ts';
import { renderServerConfiguration } from './server-configuration.ts';
import { logLength } from './server-process.ts';

/** Everything that a start of the server depends on. The same for each restart. */
export interface Launch {
  readonly directory: DataDirectory;
  readonly bin: string;
  readonly major: number;
  readonly account: ServerAccount | undefined;
  readonly byDescriptor: boolean;
  readonly socketDirectory: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** The log gets a few lines per start; beyond this it begins anew and one older part is kept. */
const LONGEST_LOG_BYTES = 8 * 1024 * 1024;

/** Writes the configuration and starts the server. Errors are those of `startPostmaster` and of the data directory. */
export async function launchServer(launch: Launch, signal: AbortSignal | undefined): Promise<Postmaster> {
  const { directory, bin, major, account, byDescriptor, socketDirectory, settings } = launch;
  try {
    if (logLength(directory.log) > LONGEST_LOG_BYTES) renameSync(directory.log, `${directory.log}.old`);
    // Cleaners of temporary folders may have taken it while the server was down.
    const made = mkdirSync(socketDirectory, { recursive: true, mode: 0o700 });
    if (made !== undefined && account !== undefined) chownSync(socketDirectory, account.uid, account.gid);
    writeDurableFile({
      path: join(directory.cluster, 'postgresql.conf'),
      text: renderServerConfiguration({ major, socketDirectory, overrides: settings }),
      mode: 0o600,
      owner: account,
    });
  } catch (error) {
    throw asDirectoryError(error, directory.root);
  }
  return startPostmaster(
    {
      program: join(bin, 'postgres'),
      cluster: directory.cluster,
      args: [],
      account,
      logPath: directory.log,
      byDescriptor,
    },
    socketDirectory,
    signal,
  );
}
