import { MoleculeError } from '@molecule/contracts';
import type { MigrationFile } from './migration-file.ts';

/** A row of the database's own list. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * The migrations that are still to run, by the files at hand and the database's list (both in order). Throws `data_dir_newer` if the
 * database knows more than the files, and `migration_changed` if an applied one is another text or has another name now.
 */
export function pendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const last = applied.at(-1);
  if (last !== undefined && last.number > files.length) {
    throw new MoleculeError('data_dir_newer', { params: { found: last.name, have: files.at(-1)?.name ?? 'none' } });
  }
  for (const [index, row] of applied.entries()) {
    const file = files[index];
    if (file?.number !== row.number || file.name !== row.name || file.checksum !== row.checksum) {
      throw new MoleculeError('migration_changed', { params: { migration: row.name } });
    }
  }
  return files.slice(applied.length);
}
