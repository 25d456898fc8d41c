import { MoleculeError } from '@molecule/contracts';
import type { TreeLimits } from './tree-limits.ts';

export interface GateEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'special' | 'submodule';
  readonly sizeBytes: number;
}

const WHAT = { link: 'a link', special: 'a special file', submodule: 'a submodule' } as const;
/** Names that Windows gives another meaning, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

/**
 * Lets the entries of one package in, or refuses the package, before any of its bytes is kept: paths that lead elsewhere, links, devices, two paths that are one
 * on a file system without case, too many, too large, too deep. One gate for every kind of source.
 */
export class TreeGate {
  readonly #plugin: string;
  readonly #limits: TreeLimits;
  /** Folded path → its spelling and what it is. */
  readonly #seen = new Map<string, { readonly path: string; readonly isFile: boolean }>();
  #files = 0;
  #bytes = 0;

  constructor(plugin: string, limits: TreeLimits) {
    this.#plugin = plugin;
    this.#limits = limits;
  }

  /** @throws MoleculeError `plugin_limit_exceeded`, naming the entry */
  admit({ path, type, sizeBytes }: GateEntry): void {
    const limits = this.#limits;
    if (type === 'link' || type === 'special' || type === 'submodule')
      this.#refuse(`${shown(path)} is ${WHAT[type]}; a package holds plain files only`);
    const problem = pathProblem(path, limits);
    if (problem !== null) this.#refuse(`${shown(path)} ${problem}`);
    this.#claim(path, type === 'file');
    if (type === 'directory') return;
    this.#files += 1;
    if (this.#files > limits.files) this.#refuse(`it has more than ${limits.files} files`);
    if (sizeBytes > limits.fileBytes) this.#refuse(`${shown(path)} is larger than ${limits.fileBytes} bytes`);
    this.#bytes += sizeBytes;
    if (this.#bytes > limits.totalBytes) this.#refuse(`it is larger than ${limits.totalBytes} bytes`);
  }

  /** Every folder on the way is claimed too: a file and a folder that differ in case alone collide as well. */
  #claim(path: string, isFile: boolean): void {
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length += 1) {
      const part = parts.slice(0, length).join('/');
      const isLeafFile = isFile && length === parts.length;
      const key = part.normalize('NFC').toLowerCase();
      const known = this.#seen.get(key);
      if (known !== undefined && (known.path !== part || known.isFile || isLeafFile))
        this.#refuse(`${shown(part)} and ${shown(known.path)} are the same path where case does not count`);
      if (known === undefined) this.#seen.set(key, { path: part, isFile: isLeafFile });
    }
  }

  #refuse(detail: string): never {
    throw new MoleculeError('plugin_limit_exceeded', { params: { plugin: this.#plugin, detail } });
  }
}

function pathProblem(path: string, limits: TreeLimits): string | null {
  if (path === '' || path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is not a path inside the package';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\\\u0000-\u001f\u007f]|\ufffd/.test(path)) return 'holds a character that has no place in a path';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leads out of the package';
  // A folder named .git would be obeyed by git, whatever its case; the trailing dots and spaces fall away on some systems.
  if (parts.some((part) => /^\.?git(?:~\d+)?[. ]*$/i.test(part) && part.toLowerCase() !== 'git'))
    return 'is a folder of git itself';
  if (parts.some((part) => /[. ]$/.test(part) || DEVICE.test(part)))
    return 'has a name that not every system can store';
  if (Buffer.byteLength(path) > limits.pathBytes) return `is longer than ${limits.pathBytes} bytes`;
  if (parts.length > limits.depth) return `is deeper than ${limits.depth} folders`;
  return null;
}

/** A path for a message: cut, control characters made visible. */
function shown(path: string): string {
  return JSON.stringify(path.slice(0, 120));
}
