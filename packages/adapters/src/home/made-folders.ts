import { lstat, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../editing/file/file-error.ts';
import { withFileLock } from '../editing/file/file-lock.ts';
import { sweepBeside } from '../editing/file/temporary-file.ts';
import { ok } from '../editing/outcome.ts';

/** Folders below `home` that writing to these paths will make, outermost first. */
export async function missingFolders(home: string, paths: readonly string[]): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const path of paths) {
    for (
      let folder = dirname(path);
      folder.startsWith(`${home}/`) && !(await exists(folder));
      folder = dirname(folder)
    ) {
      missing.add(folder);
    }
  }
  return [...missing].sort();
}

/** Removes what killed processes of ours left beside these files: temporary files and locks. */
export async function sweepDebris(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!(await exists(dirname(path)))) continue;
    // Whoever takes the lock takes a dead one away.
    await withFileLock(path, async () => {
      await sweepBeside(path);
      return ok(undefined);
    });
  }
}

/** Removes folders that are empty, innermost first; whatever got something in it meanwhile stays. */
export async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
  for (const folder of [...folders].sort().reverse()) {
    try {
      await rmdir(folder);
    } catch (error) {
      systemCode(error);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ENOENT';
  }
}
