import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeFile } from './tree-digest.ts';

/**
 * Reads a folder of our own as a tree of plain files. Links and special files are left out; foreign sources go through the limits of the fetcher instead.
 * @param without names of folders that are left out at any depth
 */
export async function readTree(root: string, without: readonly string[] = []): Promise<readonly TreeFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: TreeFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    if (
      without.length > 0 &&
      full
        .slice(root.length + 1)
        .split('/')
        .some((part) => without.includes(part))
    )
      continue;
    const mode = (await stat(full)).mode;
    files.push({
      path: full.slice(root.length + 1).replaceAll('\\', '/'),
      executable: (mode & 0o111) !== 0,
      content: await readFile(full),
    });
  }
  return files;
}
