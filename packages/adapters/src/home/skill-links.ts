import { lstat, mkdir, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RenderOutcome } from '../contract/index.ts';
import { systemCode } from '../editing/file/file-error.ts';

export type LinkChange = RenderOutcome['links'][number];

/** The links that differ from what is there. Whatever stands in a place and is not a link that we made stays (B48). */
export async function linksToChange(
  links: RenderOutcome['links'],
  ours: ReadonlySet<string>,
): Promise<{ readonly change: readonly LinkChange[]; readonly kept: readonly string[] }> {
  const change: LinkChange[] = [];
  const kept: string[] = [];
  for (const link of links) {
    const now = await targetAt(link.path);
    if (now === link.target) continue;
    if (now === null || (now !== undefined && ours.has(now))) change.push(link);
    else if (link.target !== null) kept.push(link.path);
  }
  return { change, kept };
}

export async function applyLinks(links: readonly LinkChange[]): Promise<void> {
  for (const { path, target } of links) {
    if ((await targetAt(path)) !== null) await unlink(path);
    if (target === null) continue;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await symlink(target, path);
  }
}

/** Target of the link at a path; null where nothing is, undefined where something else is. */
async function targetAt(path: string): Promise<string | null | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') return undefined;
    throw error;
  }
}
