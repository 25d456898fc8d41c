import { createHash } from 'node:crypto';

export interface TreeFile {
  /** Path inside the tree, with `/` between the parts. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/**
 * Address of a package by its content: SHA-256 over the sorted list of path, executable bit and content hash. Times, owners and the order on disk do not count,
 * so the same files give the same digest wherever they come from.
 */
export function treeDigest(files: readonly TreeFile[]): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const content = createHash('sha256').update(file.content).digest('hex');
    hash.update(`${file.path}\0${file.executable ? 'x' : '-'}\0${content}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}
