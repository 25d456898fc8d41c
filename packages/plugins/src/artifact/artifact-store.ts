import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { MoleculeError } from '@molecule/contracts';
import { Parser, type ReadEntry } from 'tar';
import { type TreeFile, treeDigest } from './tree-digest.ts';
import { writeTar } from './write-tar.ts';

/** Packages by digest, as boxes fetch them. */
export interface ArtifactStore {
  /** Keeps the tree; the same tree again changes nothing. When it resolves, the artifact survives a loss of power. */
  put(files: readonly TreeFile[]): Promise<{ readonly digest: string; readonly sizeBytes: number }>;
  has(digest: string): Promise<boolean>;
  /** The archive as a stream with its length; null when it is not here. */
  open(digest: string): Promise<{ readonly stream: Readable; readonly length: number } | null>;
  /** The files, checked against the digest; null when it is not here. @throws MoleculeError `plugin_fetch_failed` when the copy is damaged: it is then removed */
  read(digest: string): Promise<readonly TreeFile[] | null>;
}

const DIGEST = /^sha256:([0-9a-f]{64})$/;
/** A temporary file older than this belongs to a process that died. */
const LEFTOVER_MS = 3_600_000;

/**
 * Archives below `<root>/sha256/<two digits>/<digest>.tar`.
 *
 * Invariants: a name appears by rename when the content is whole, was flushed and has that digest; it is never changed afterwards, so readers need no lock and two
 * writers of the same digest do no harm. A crash leaves a `.tmp` file that nothing refers to; it is removed after an hour.
 */
export function artifactStore(root: string): ArtifactStore {
  const place = (digest: string): string | null => {
    const hex = DIGEST.exec(digest)?.[1];
    return hex === undefined ? null : join(root, 'sha256', hex.slice(0, 2), `${hex}.tar`);
  };
  const has = async (digest: string): Promise<boolean> => {
    const path = place(digest);
    return (
      path !== null &&
      (await stat(path).then(
        (found) => found.isFile(),
        () => false,
      ))
    );
  };
  return {
    has,
    put: async (files) => {
      const digest = treeDigest(files);
      const sizeBytes = files.reduce((sum, file) => sum + file.content.length, 0);
      const path = place(digest);
      if (path !== null && !(await has(digest))) await writeDurable(path, writeTar(files));
      return { digest, sizeBytes };
    },
    open: async (digest) => {
      const path = place(digest);
      const length =
        path === null
          ? null
          : await stat(path).then(
              (found) => found.size,
              () => null,
            );
      return path === null || length === null ? null : { stream: createReadStream(path), length };
    },
    read: async (digest) => {
      const path = place(digest);
      const packed = path === null ? null : await readFile(path).catch(() => null);
      if (path === null || packed === null) return null;
      const files = unpack(packed);
      if (treeDigest(files) === digest) return files;
      await rm(path, { force: true });
      throw new MoleculeError('plugin_fetch_failed', {
        params: {
          plugin: digest,
          detail: 'the stored copy is damaged and was removed',
          reason: 'digest',
          nextStep: 'Install the plugin again.',
        },
      });
    },
  };
}

async function writeDurable(path: string, chunks: Iterable<Buffer>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await removeLeftovers(folder);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writev([...chunks]);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    const modified = await stat(path).then(
      (found) => found.mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (modified < Date.now() - LEFTOVER_MS) await rm(path, { force: true });
  }
}

function unpack(packed: Buffer): readonly TreeFile[] {
  const files: { path: string; executable: boolean; chunks: Buffer[] }[] = [];
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      const chunks: Buffer[] = [];
      files.push({ path: entry.path, executable: ((entry.mode ?? 0) & 0o111) !== 0, chunks });
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    },
  });
  parser.on('error', () => undefined);
  parser.end(packed);
  return files.map(({ path, executable, chunks }) => ({ path, executable, content: Buffer.concat(chunks) }));
}
