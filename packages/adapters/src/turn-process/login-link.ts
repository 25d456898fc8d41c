import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SessionContext } from '../contract/index.ts';

/**
 * Lets a box with direct access use the person's own login through a link at `path`, and takes the link away from every other
 * box. The login itself is neither read nor copied; a login that was made inside the box (a real file) is left alone.
 */
export async function placeLoginLink(context: SessionContext, path: string): Promise<void> {
  const wanted = context.model.kind === 'direct' ? (context.detection.loginPath ?? null) : null;
  const stats = await lstat(path).catch(() => null);
  if (stats !== null && !stats.isSymbolicLink()) return;
  if (stats !== null && (await readlink(path)) === wanted) return;
  if (stats !== null) await rm(path);
  if (wanted === null) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await symlink(wanted, path);
}
