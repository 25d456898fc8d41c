import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface ArchiveEntry {
  readonly path: string;
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'Directory';
  readonly linkpath?: string;
  readonly content?: Buffer | string;
  readonly mode?: number;
  /** Claimed in the header, where it differs from the content. */
  readonly size?: number;
}

/** A gzipped tar, entry by entry as told, sane or not. */
export function archive(entries: readonly ArchiveEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, type = 'File', linkpath, content = '', mode = 0o644, size } of entries) {
    const bytes = Buffer.from(content);
    const header = new Header({
      path,
      type,
      mode,
      size: size ?? bytes.length,
      mtime: new Date(0),
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    blocks.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  blocks.push(Buffer.alloc(1024));
  return gzipSync(Buffer.concat(blocks));
}

/** An npm package of text files. */
export function npmArchive(files: Readonly<Record<string, string | Buffer>>): Buffer {
  return archive(Object.entries(files).map(([path, content]) => ({ path: `package/${path}`, content })));
}
