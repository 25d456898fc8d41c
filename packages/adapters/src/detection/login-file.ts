import { access, constants } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * A login that a CLI keeps in a file below the person's home. The file is looked for, never read.
 * @param relativePath below the home
 * @param folderVariable variable by which the person may have put the file's folder elsewhere
 */
export async function loginFile(
  env: Readonly<Record<string, string | undefined>>,
  relativePath: string,
  folderVariable?: string,
): Promise<{ readonly has: boolean; readonly path: string | null }> {
  const folder = folderVariable === undefined ? undefined : env[folderVariable];
  const home = env['HOME'] ?? '';
  if (folder === undefined && home === '') return { has: false, path: null };
  const path = folder === undefined ? join(home, relativePath) : join(folder, basename(relativePath));
  const isThere = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  return { has: isThere, path: isThere ? path : null };
}
