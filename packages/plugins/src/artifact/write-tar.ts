import { Header, Pax } from 'tar';
import type { TreeFile } from './tree-digest.ts';

const BLOCK = 512;

/** The tree as a tar archive, byte for byte the same for the same tree: sorted, without times and owners. */
export function* writeTar(files: readonly TreeFile[]): Generator<Buffer> {
  for (const { path, executable, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const fields = {
      path,
      mode: executable ? 0o755 : 0o644,
      size: content.length,
      type: 'File' as const,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
    };
    const header = new Header(fields);
    const block = Buffer.alloc(BLOCK);
    // True when the path does not fit into the old header.
    if (header.encode(block, 0)) yield new Pax({ path }).encode();
    yield block;
    yield content;
    const rest = content.length % BLOCK;
    if (rest !== 0) yield Buffer.alloc(BLOCK - rest);
  }
  yield Buffer.alloc(2 * BLOCK);
}
