import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { canReach, type ServerAccount } from './server-account.ts';
import type { ServerBinaries } from './server-binaries.ts';

export interface RunnableBinaries {
  /** Folder with `initdb` and `postgres`, which the server's account can run. */
  readonly bin: string;
  readonly copied: boolean;
}

/**
 * Gives a `bin` folder that the account (undefined: ourselves) can really run. A tree that it cannot reach (a checkout
 * under a 0700 home), or whose links are missing (npm ran without install scripts), is copied once per version: hard
 * links where the files allow it, else copy-on-write, else a plain copy. The copy appears by one rename, so a reader
 * never sees half of it; a copy that power loss left damaged is found by its sizes and made again.
 */
export function makeRunnable(
  binaries: ServerBinaries,
  account: ServerAccount | undefined,
  places: readonly string[],
): RunnableBinaries {
  const { root, links } = binaries;
  const complete = links.every(({ at }) => existsSync(join(root, at)));
  const reachable = account === undefined || reachableTree(account, root);
  if (complete && reachable) return { bin: join(root, 'bin'), copied: false };

  const failures: string[] = [];
  for (const place of places) {
    try {
      const copy = copyTree(binaries, account, place);
      return { bin: join(copy, 'bin'), copied: true };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  const detail = `its programs could not be copied to a place that the server's account can read (${failures.join('; ')})`;
  throw new MoleculeError('database_start_failed', { params: { detail, logPath: 'not written yet' } });
}

/** Where copies may lie, best first. `ownFolder` is a folder in the data directory. */
export function copyPlaces(account: ServerAccount | undefined, ownFolder: string): readonly string[] {
  if (account !== undefined) return ['/var/cache/molecule', join(tmpdir(), 'molecule-binaries')];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return [join(cache, 'molecule'), ownFolder];
}

function copyTree(binaries: ServerBinaries, account: ServerAccount | undefined, place: string): string {
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const found = statSync(place);
  // Whoever can write there could change the programs that we run.
  if (found.uid !== process.geteuid?.() || (found.mode & 0o022) !== 0) throw new Error(`${place} is not ours alone`);
  if (account !== undefined && !canReach(account, place))
    throw new Error(`${place} is out of reach of ${account.name}`);

  const copy = join(place, `postgresql-${binaries.version}-${process.platform}-${process.arch}`);
  if (isWhole(binaries, copy)) return copy;
  const unique = randomBytes(4).toString('hex');
  const partial = `${copy}.partial-${unique}`;
  try {
    copyFolder(binaries.root, partial);
    for (const { at, to } of binaries.links) {
      const link = join(partial, at);
      rmSync(link, { force: true });
      symlinkSync(relative(dirname(at), to), link);
    }
    putInPlace(binaries, partial, copy, unique);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return copy;
}

function putInPlace(binaries: ServerBinaries, partial: string, copy: string, unique: string): void {
  try {
    renameSync(partial, copy);
  } catch (error) {
    if (isWhole(binaries, copy)) return; // another process was first
    const damaged = `${copy}.damaged-${unique}`;
    if (!existsSync(copy)) throw error;
    renameSync(copy, damaged);
    renameSync(partial, copy);
    rmSync(damaged, { recursive: true, force: true });
  }
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  chmodSync(to, 0o755); // whatever the umask is
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFile(source, target);
  }
}

function copyFile(source: string, target: string): void {
  const { mode } = statSync(source);
  const wanted = (mode & 0o100) === 0 ? 0o644 : 0o755;
  if ((mode & 0o777) === wanted) {
    try {
      linkSync(source, target);
      return;
    } catch {
      // another file system, or links are not allowed here
    }
  }
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, wanted);
}

function isWhole(binaries: ServerBinaries, copy: string): boolean {
  try {
    for (const folder of ['bin', 'lib']) {
      for (const name of readdirSync(join(binaries.root, folder))) {
        const source = lstatSync(join(binaries.root, folder, name));
        if (source.isFile() && statSync(join(copy, folder, name)).size !== source.size) return false;
      }
    }
    return binaries.links.every(({ at }) => existsSync(join(copy, at)));
  } catch {
    return false;
  }
}

function reachableTree(account: ServerAccount, root: string): boolean {
  return (
    ['bin', 'lib', 'share']
      .map((folder) => join(root, folder))
      .every((folder) => (existsSync(folder) ? canReach(account, folder) : true)) &&
    canReach(account, join(root, 'bin', 'postgres'))
  );
}
