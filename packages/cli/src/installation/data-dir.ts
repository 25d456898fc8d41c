import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { ENV, isMoleculeError, MoleculeError } from '@molecule/contracts';
import { claimDataDir } from './claim-data-dir.ts';

/** Folders of one installation, all below the data directory. */
export interface DataDir {
  readonly root: string;
  readonly database: string;
  /** Addresses and process records of what runs now. */
  readonly run: string;
  /** Tokens of this machine, each file readable by its owner only. */
  readonly keys: string;
  readonly logs: string;
  /** Executables that every box finds in its PATH. */
  readonly bin: string;
  readonly boxes: string;
  readonly artifacts: string;
}

export function defaultDataDir(): string {
  return process.env[ENV.dataDir] ?? join(homedir(), '.molecule');
}

export function dataDir(root: string): DataDir {
  const at = (name: string): string => join(root, name);
  return {
    root,
    database: at('database'),
    run: at('run'),
    keys: at('keys'),
    logs: at('logs'),
    bin: at('bin'),
    boxes: at('boxes'),
    artifacts: at('artifacts'),
  };
}

/** Claims the directory and makes what is missing in it. @throws MoleculeError `data_dir_unwritable`, `data_dir_foreign`, `data_dir_newer` */
export async function prepareDataDir(dir: DataDir): Promise<void> {
  try {
    // The database's own folder is made by the database, which may run as another user: the root must let it pass, nothing else.
    await mkdir(dir.root, { recursive: true, mode: 0o711 });
    const { root, ...folders } = dir;
    await claimDataDir(
      root,
      Object.values(folders).map((folder) => basename(folder)),
    );
    for (const folder of [dir.run, dir.keys, dir.logs, dir.boxes])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const folder of [dir.bin, dir.artifacts]) await mkdir(folder, { recursive: true, mode: 0o755 });
  } catch (error) {
    if (isMoleculeError(error)) throw error;
    throw new MoleculeError('data_dir_unwritable', {
      params: { path: dir.root, detail: error instanceof Error ? error.message : String(error) },
      cause: error,
    });
  }
}
