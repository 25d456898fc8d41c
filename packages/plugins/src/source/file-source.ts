import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { TreeGate } from '../artifact/tree-gate.ts';
import { fetchFailed } from './fetch-failure.ts';
import type { FetchedPackage, FetchInput } from './fetched-package.ts';

/** Folders of a developer's tools that are no part of a package. */
const LEFT_OUT = new Set(['.git', '.DS_Store']);

/** A folder of this machine, under the same limits as everything else. For development: its content is taken as it is now. */
export async function fetchFolder(path: string, { label, settings, signal }: FetchInput): Promise<FetchedPackage> {
  if (!settings.allowFiles)
    throw new MoleculeError('plugin_source_invalid', {
      params: { source: label, detail: 'file: sources are switched off on this server' },
    });
  const gate = new TreeGate(label, settings.limits);
  const files: TreeFile[] = [];
  const walk = async (folder: string, prefix: string): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      signal.throwIfAborted();
      if (LEFT_OUT.has(name)) continue;
      const full = join(folder, name);
      const inside = prefix === '' ? name : `${prefix}/${name}`;
      const found = await lstat(full);
      if (found.isDirectory()) {
        gate.admit({ path: inside, type: 'directory', sizeBytes: 0 });
        await walk(full, inside);
        continue;
      }
      gate.admit({
        path: inside,
        type: found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : 'special',
        sizeBytes: found.size,
      });
      files.push({ path: inside, executable: (found.mode & 0o111) !== 0, content: await readFile(full) });
    }
  };
  try {
    await walk(path, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      throw fetchFailed(label, 'not_found', `there is no folder ${path}`, error);
    throw error;
  }
  return { resolved: `file:${path}`, files, integrity: null, foreignMs: 0 };
}
