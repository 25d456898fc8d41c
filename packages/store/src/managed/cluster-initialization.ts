import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { asDirectoryError, type DataDirectory } from './data-directory.ts';
import { syncFolder, writeDurableFile } from './durable-file.ts';
import { diagnoseStart } from './failure-diagnosis.ts';
import { endProcessesOn } from './postmaster.ts';
import type { ServerAccount } from './server-account.ts';
import { endOf, killGroup, logLength, readLogFrom, spawnServerProgram } from './server-process.ts';

/** Database role and database that everything of ours uses. */
export const DATABASE_USER = 'molecule';
export const DATABASE_NAME = 'molecule';

export interface NewCluster {
  readonly directory: DataDirectory;
  readonly bin: string;
  readonly major: number;
  readonly account: ServerAccount | undefined;
  readonly byDescriptor: boolean;
  readonly socketDirectory: string;
  /** Ends the work at once; the unfinished cluster is removed. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a new cluster beside its final place and renames it there when it is complete, so a crash in between leaves nothing
 * that looks like a cluster. Data checksums on; text is compared as C.UTF-8, from PostgreSQL 17 on by the server's own tables,
 * so that the files do not depend on this machine's C library.
 */
export async function initializeCluster(options: NewCluster): Promise<void> {
  const { directory, bin, major, account, byDescriptor, socketDirectory, signal } = options;
  // A name of its own: an initdb that outlived a killed process of ours must not write into the next attempt.
  const cluster = join(directory.root, `${UNFINISHED}${randomBytes(4).toString('hex')}`);
  const passwordFile = join(socketDirectory, 'first-password');
  const logPath = directory.log;
  const logStart = logLength(logPath);
  try {
    signal?.throwIfAborted();
    removeUnfinished(directory);
    mkdirSync(cluster, { mode: 0o700 });
    chmodSync(cluster, 0o700);
    if (account !== undefined) chownSync(cluster, account.uid, account.gid);
    // The server's account must be able to read it, so it lies for this moment in the account's own 0700 directory.
    writeDurableFile({ path: passwordFile, text: `${ensurePassword(directory)}\n`, mode: 0o600, owner: account });

    const locale =
      major >= 17
        ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
        : [`--locale=${oldLocale()}`];
    const weakStretch = major >= 16 ? ['-c', 'scram_iterations=1'] : [];
    const args = [
      '-U',
      DATABASE_USER,
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-k',
      '-E',
      'UTF8',
      ...locale,
      ...weakStretch,
    ];
    const child = spawnServerProgram({ program: join(bin, 'initdb'), cluster, args, account, byDescriptor, logPath });
    const abort = (): void => killGroup(child);
    signal?.addEventListener('abort', abort, { once: true });
    const ending = await endOf(child);
    signal?.removeEventListener('abort', abort);
    if (signal?.aborted === true) await endProcessesOn(cluster); // the programs that initdb itself runs
    signal?.throwIfAborted();
    if (ending !== 'exit code 0') throw failure(readLogFrom(logPath, logStart), ending, logPath);

    renameSync(cluster, directory.cluster);
    syncFolder(directory.root);
  } catch (error) {
    rmSync(cluster, { recursive: true, force: true });
    throw asDirectoryError(error, directory.root);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

const UNFINISHED = 'cluster.unfinished-';

function removeUnfinished({ root }: DataDirectory): void {
  for (const name of readdirSync(root)) {
    if (name.startsWith(UNFINISHED)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** The password of our database role: 256 random bits in a 0600 file that the server's own account cannot read. */
export function ensurePassword(directory: DataDirectory): string {
  try {
    return readFileSync(directory.password, 'utf8').trim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw asDirectoryError(error, directory.root);
  }
  const password = randomBytes(32).toString('base64url');
  writeDurableFile({ path: directory.password, text: `${password}\n`, mode: 0o600 });
  return password;
}

/** Before PostgreSQL 17 the locale comes from the C library; macOS has no C.UTF-8, where C orders the same way. */
function oldLocale(): string {
  return process.platform === 'darwin' ? 'C' : 'C.UTF-8';
}

function failure(log: string, ending: string, logPath: string): MoleculeError {
  const found = diagnoseStart(log, ending, logPath);
  if (found.kind === 'final') return found.error;
  return new MoleculeError('database_start_failed', { params: { detail: ending, logPath } });
}
