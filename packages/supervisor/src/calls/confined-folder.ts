import { closeSync, constants, fstatSync, openSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { systemCode } from '../files/box-file.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** On Linux a descriptor can be the base of a path, so that nobody can put a link in its way between check and use. */
const HAS_DESCRIPTOR_PATHS = process.platform === 'linux';

/**
 * A folder below a root, held open. It was reached name by name without following a link, so it lies inside whatever the agent, who owns
 * all of it, does meanwhile.
 */
export class ConfinedFolder {
  readonly #descriptor: number;
  readonly #path: string;

  private constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  /** @throws MoleculeError `file_not_found`, `file_refused` for a link or something that is no folder */
  static open(root: string, path: string): ConfinedFolder {
    let folder = new ConfinedFolder(openSync(root, FOLDER), realpathSync(root));
    for (const name of path === '' ? [] : path.split('/')) {
      const outer = folder;
      try {
        folder = new ConfinedFolder(openSync(outer.of(name), FOLDER), join(outer.#path, name));
      } catch (error) {
        throw asFileError(error, path);
      } finally {
        outer.close();
      }
    }
    if (!HAS_DESCRIPTOR_PATHS && realpathSync(folder.#path) !== folder.#path) {
      folder.close();
      throw new MoleculeError('file_refused', { params: { path, detail: 'a link leads out of the folder' } });
    }
    return folder;
  }

  /** The path of something directly inside, good for as long as the folder is open. The last name of it may be a link: open it without following. */
  of(name: string): string {
    return HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${this.#descriptor}/${name}` : join(this.#path, name);
  }

  /** The folder itself. */
  get place(): string {
    return HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${this.#descriptor}/` : this.#path;
  }

  isSame(other: ConfinedFolder): boolean {
    const [a, b] = [fstatSync(this.#descriptor), fstatSync(other.#descriptor)];
    return a.ino === b.ino && a.dev === b.dev;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** What the system said about a path, as an error of the catalogue. */
export function asFileError(error: unknown, path: string): unknown {
  if (error instanceof MoleculeError) return error;
  switch (systemCode(error)) {
    case 'ENOENT':
      return new MoleculeError('file_not_found', { params: { path } });
    case 'ELOOP':
    case 'ENOTDIR':
      return new MoleculeError('file_refused', { params: { path, detail: 'a part of it is a link or no folder' } });
    case 'EEXIST':
      return new MoleculeError('file_exists', { params: { path } });
    case 'ENOTEMPTY':
      return new MoleculeError('file_refused', { params: { path, detail: 'the folder is not empty' } });
    case 'EISDIR':
      return new MoleculeError('file_refused', { params: { path, detail: 'it is a folder' } });
    case 'ENAMETOOLONG':
    case 'EACCES':
    case 'EPERM':
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EROFS':
      return new MoleculeError('file_refused', { params: { path, detail: systemCode(error) } });
    default:
      return error;
  }
}
