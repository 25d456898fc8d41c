import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { writePrivate } from './private-file.ts';

/** Our mark in the data directory: whose it is, and in which layout. It is written before anything else. */
const MARK = 'molecule.json';
const FORMAT = 1;
/** What a new disk holds by itself. */
const HARMLESS = new Set(['lost+found']);

/**
 * Marks an empty directory as ours, or finds our mark. Changes nothing in one that it refuses.
 * @param known names that an installation without a mark may hold: one that was killed at its very first start
 * @throws MoleculeError `data_dir_foreign` for one with other contents, `data_dir_newer` for one of a later layout
 */
export async function claimDataDir(root: string, known: readonly string[]): Promise<void> {
  const found = await formatOf(root);
  if (found !== null && found > FORMAT) {
    throw new MoleculeError('data_dir_newer', { params: { found: `layout ${found}`, have: `layout ${FORMAT}` } });
  }
  if (found !== null) return;
  const isOurs = (name: string): boolean => known.includes(name) || HARMLESS.has(name) || name.startsWith(`${MARK}.`);
  if (!(await readdir(root)).every(isOurs)) throw new MoleculeError('data_dir_foreign', { params: { path: root } });
  await writePrivate(join(root, MARK), `${JSON.stringify({ kind: 'molecule', format: FORMAT })}\n`);
}

/** Layout of the installation in a directory; null when it has no mark of ours. */
async function formatOf(root: string): Promise<number | null> {
  try {
    // Written by us; anything else is no mark.
    const mark = JSON.parse(await readFile(join(root, MARK), 'utf8')) as { kind?: unknown; format?: unknown };
    return mark.kind === 'molecule' && typeof mark.format === 'number' ? mark.format : null;
  } catch {
    return null;
  }
}
