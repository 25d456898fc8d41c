import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { posix } from 'node:path';
import {
  type BoxReplyOf,
  type FileEntry,
  LARGEST_FILE_BYTES,
  MoleculeError,
  type WrittenFile,
} from '@molecule/contracts';
import { systemCode } from '../files/box-file.ts';
import { asFileError, ConfinedFolder } from './confined-folder.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** As an editor would make them; the folder of the box is open to nobody else anyway. */
const NEW_FILE_MODE = 0o644;

/** The folder in which an agent works, for a person who looks on. Nothing outside of it is reached, and no link is followed. */
export class WorkFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** What is in a folder: folders first, then by name. `next` is given as `after` to go on. */
  list(path: string, after: string | null, limit: number): BoxReplyOf<'files.list'> {
    return this.#within(path, path, (folder) => {
      const found = readdirSync(folder.place, { withFileTypes: true }).map((each) => ({
        name: each.name,
        key: `${each.isDirectory() ? '0' : '1'}${each.name}`,
      }));
      found.sort((a, b) => (a.key < b.key ? -1 : 1));
      const rest = after === null ? found : found.filter(({ key }) => key > after);
      const page = rest.slice(0, limit);
      const items = page.map(({ name }) => entryOf(folder, name)).filter((each) => each !== null);
      return { items, next: rest.length > limit ? (page.at(-1)?.key ?? null) : null };
    });
  }

  read(path: string): BoxReplyOf<'files.read'> {
    return this.#inFolder(path, (folder, name) => {
      const { bytes, stats } = contentOf(folder, name, path);
      const binary = !isUtf8(bytes) || bytes.includes(0);
      return {
        ...describe(path, bytes, stats),
        binary,
        content: bytes.toString(binary ? 'base64' : 'utf8'),
        encoding: binary ? 'base64' : 'utf8',
      };
    });
  }

  /**
   * Replaces a file whole or makes it. With `expected` only where it still is what the person has read (null = not there yet).
   * @throws MoleculeError `file_changed`, `file_exists`, `file_refused`
   */
  write(path: string, bytes: Buffer, expected: string | null | undefined): WrittenFile {
    return this.#inFolder(path, (folder, name) => {
      const old = statsOf(folder, name);
      if (old !== null && !old.isFile()) throw refused(path, 'it is no file');
      const partial = `.${name.slice(0, 200)}.${randomBytes(6).toString('hex')}.partial`;
      try {
        fill(folder.of(partial), bytes, old === null ? NEW_FILE_MODE : old.mode & 0o777);
        checkExpected(folder, name, path, expected);
        renameSync(folder.of(partial), folder.of(name));
      } catch (error) {
        rmSync(folder.of(partial), { force: true });
        throw error;
      }
      return describe(path, bytes, lstatSync(folder.of(name)));
    });
  }

  makeFolder(path: string): void {
    this.#inFolder(path, (folder, name) => mkdirSync(folder.of(name), { mode: 0o755 }));
  }

  /** Within the folder; never onto something that is there. */
  rename(from: string, to: string): void {
    this.#inFolder(from, (source, name) => {
      if (statsOf(source, name) === null) throw new MoleculeError('file_not_found', { params: { path: from } });
      this.#inFolder(to, (target, newName) => {
        if (statsOf(target, newName) !== null) throw new MoleculeError('file_exists', { params: { path: to } });
        if (to.startsWith(`${from}/`)) throw refused(to, 'a folder cannot be moved into itself');
        renameSync(source.of(name), target.of(newName));
      });
    });
  }

  /** A file, a link itself, or an empty folder. */
  remove(path: string): void {
    this.#inFolder(path, (folder, name) => {
      const stats = statsOf(folder, name);
      if (stats === null) throw new MoleculeError('file_not_found', { params: { path } });
      if (stats.isDirectory()) rmdirSync(folder.of(name));
      else rmSync(folder.of(name));
    });
  }

  #inFolder<T>(path: string, work: (folder: ConfinedFolder, name: string) => T): T {
    const outer = posix.dirname(path);
    return this.#within(outer === '.' ? '' : outer, path, (folder) => work(folder, posix.basename(path)));
  }

  #within<T>(folderPath: string, path: string, work: (folder: ConfinedFolder) => T): T {
    const folder = ConfinedFolder.open(this.#root, folderPath);
    try {
      return work(folder);
    } catch (error) {
      throw asFileError(error, path);
    } finally {
      folder.close();
    }
  }
}

function entryOf(folder: ConfinedFolder, name: string): FileEntry | null {
  const stats = statsOf(folder, name);
  // Gone since the folder was read, or a name that is no UTF-8 and so cannot be named back to us.
  if (stats === null)
    return name.includes('\uFFFD')
      ? { name, kind: 'other', size: null, modifiedAt: new Date(0).toISOString(), target: null }
      : null;
  const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other';
  return {
    name,
    kind,
    size: kind === 'file' ? stats.size : null,
    modifiedAt: stats.mtime.toISOString(),
    target: kind === 'link' ? readlinkSync(folder.of(name)).slice(0, 500) : null,
  };
}

function statsOf(folder: ConfinedFolder, name: string): Stats | null {
  try {
    return lstatSync(folder.of(name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function contentOf(folder: ConfinedFolder, name: string, path: string): { bytes: Buffer; stats: Stats } {
  const file = openSync(folder.of(name), READ);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refused(path, 'it is no file');
    if (stats.size > LARGEST_FILE_BYTES)
      throw new MoleculeError('file_too_large', { params: { path, limitBytes: LARGEST_FILE_BYTES } });
    const bytes = readFileSync(file);
    // It may have grown while it was read.
    if (bytes.length > LARGEST_FILE_BYTES)
      throw new MoleculeError('file_too_large', { params: { path, limitBytes: LARGEST_FILE_BYTES } });
    return { bytes, stats };
  } finally {
    closeSync(file);
  }
}

function fill(place: string, bytes: Buffer, mode: number): void {
  const file = openSync(place, NEW_FILE, 0o600);
  try {
    fchmodSync(file, mode);
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function checkExpected(folder: ConfinedFolder, name: string, path: string, expected: string | null | undefined): void {
  if (expected === undefined) return;
  const isThere = statsOf(folder, name) !== null;
  if (expected === null && isThere) throw new MoleculeError('file_exists', { params: { path } });
  if (expected !== null && (!isThere || etagOf(contentOf(folder, name, path).bytes) !== expected))
    throw new MoleculeError('file_changed', { params: { path } });
}

function describe(path: string, bytes: Buffer, stats: Stats): WrittenFile {
  return { path, size: bytes.length, etag: etagOf(bytes), modifiedAt: stats.mtime.toISOString() };
}

function etagOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 40);
}

function refused(path: string, detail: string): MoleculeError {
  return new MoleculeError('file_refused', { params: { path, detail } });
}
