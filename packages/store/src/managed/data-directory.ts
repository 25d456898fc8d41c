import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { writeDurableFile } from './durable-file.ts';

/** Where things lie in a data directory of the managed server. */
export interface DataDirectory {
  readonly root: string;
  /** PostgreSQL's own data directory. Appears by a rename when it is complete. */
  readonly cluster: string;
  readonly record: string;
  readonly password: string;
  readonly lock: string;
  readonly log: string;
  readonly socket: string;
  readonly binaries: string;
}

/** Our own file in the data directory: whose it is, and what may open it. */
export interface ClusterRecord {
  readonly kind: 'molecule-postgres';
  /** Version of this layout. */
  readonly format: number;
  /** PostgreSQL major and full version that made the cluster; absent until there is one. */
  readonly major?: number;
  readonly version?: string;
  /** Where the socket is when the data directory's own path is too long or out of the server's reach. */
  readonly socketDirectory?: string;
}

const FORMAT = 1;

export function dataDirectoryAt(root: string): DataDirectory {
  return {
    root,
    cluster: join(root, 'cluster'),
    record: join(root, 'server.json'),
    password: join(root, 'password'),
    lock: join(root, 'lock'),
    log: join(root, 'server.log'),
    socket: join(root, 'socket'),
    binaries: join(root, 'binaries'),
  };
}

/**
 * Makes the directory if it is absent, and claims it if it is empty. Throws `data_dir_foreign` for one with other contents,
 * `data_dir_newer` for one of a later layout, `data_dir_unwritable` where we cannot write. Changes nothing in those cases.
 */
export function openDataDirectory(directory: DataDirectory, serverIsOther: boolean): ClusterRecord {
  const { root } = directory;
  try {
    const made = mkdirSync(root, { recursive: true, mode: 0o700 });
    // The server's account has to pass through; it cannot list.
    if (made !== undefined && serverIsOther) chmodSync(root, 0o711);
    if (!statSync(root).isDirectory()) throw new MoleculeError('data_dir_foreign', { params: { path: root } });
    const names = readdirSync(root);
    const record = readClusterRecord(directory);
    if (record === undefined && names.some((name) => !isHarmless(name))) {
      throw new MoleculeError('data_dir_foreign', { params: { path: root } });
    }
    accessSync(root, constants.W_OK | constants.X_OK);
    return record ?? { kind: 'molecule-postgres', format: FORMAT };
  } catch (error) {
    throw asDirectoryError(error, root);
  }
}

/** What a killed first start of ours leaves before it writes its record, and what every new ext4 disk holds. */
function isHarmless(name: string): boolean {
  return name === 'lock' || name === 'lost+found' || (name.startsWith('server.json.') && name.endsWith('.partial'));
}

export function writeClusterRecord(directory: DataDirectory, record: ClusterRecord): void {
  try {
    writeDurableFile({ path: directory.record, text: `${JSON.stringify(record, null, 2)}\n`, mode: 0o644 });
  } catch (error) {
    throw asDirectoryError(error, directory.root);
  }
}

/** Major that made the cluster; undefined if there is no cluster. PostgreSQL's own note serves where a crash kept us from ours. */
export function majorOfCluster(directory: DataDirectory, record: ClusterRecord): number | undefined {
  if (!existsSync(directory.cluster)) return undefined;
  if (record.major !== undefined) return record.major;
  const major = Number.parseInt(readFileSync(join(directory.cluster, 'PG_VERSION'), 'utf8'), 10);
  return Number.isNaN(major) ? undefined : major;
}

/** Who the cluster belongs to; undefined if there is none, or if we cannot see it. */
export function ownerOfCluster(directory: DataDirectory): { uid: number; gid: number } | undefined {
  try {
    const { uid, gid } = statSync(directory.cluster);
    return { uid, gid };
  } catch {
    return undefined;
  }
}

/** Undefined if there is none. Throws `data_dir_newer` and `data_dir_foreign`. */
export function readClusterRecord(directory: DataDirectory): ClusterRecord | undefined {
  if (!existsSync(directory.record)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(directory.record, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new MoleculeError('data_dir_foreign', { params: { path: directory.root } });
    throw error;
  }
  const record = value as Partial<ClusterRecord>; // checked field by field below
  if (record?.kind !== 'molecule-postgres' || typeof record.format !== 'number') {
    throw new MoleculeError('data_dir_foreign', { params: { path: directory.root } });
  }
  if (record.format > FORMAT) {
    throw new MoleculeError('data_dir_newer', { params: { found: record.format, have: FORMAT } });
  }
  return {
    kind: record.kind,
    format: record.format,
    ...(typeof record.major === 'number' ? { major: record.major } : {}),
    ...(typeof record.version === 'string' ? { version: record.version } : {}),
    ...(typeof record.socketDirectory === 'string' ? { socketDirectory: record.socketDirectory } : {}),
  };
}

/** Turns a failed file operation into what the person can act on. Other errors stay as they are. */
export function asDirectoryError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new MoleculeError('database_full', { cause: error });
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new MoleculeError('data_dir_foreign', { params: { path }, cause: error });
  }
  if (typeof code === 'string' && ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENAMETOOLONG'].includes(code)) {
    return new MoleculeError('data_dir_unwritable', { params: { path, detail: reasonOf(error) }, cause: error });
  }
  return error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
