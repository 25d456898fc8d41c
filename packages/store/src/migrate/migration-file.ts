import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MoleculeError } from '@molecule/contracts';

export interface MigrationFile {
  readonly number: number;
  /** File name without `.sql`, e.g. `0001_house`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text in hex, with line ends made one way, so that a checkout's settings do not matter. */
  readonly checksum: string;
}

/** The migrations of this package. The path holds for the sources and for the build. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../migrations/', import.meta.url));

const NAME = /^(\d{4})_[a-z0-9_]+$/;

/** Reads the numbered files in order. Throws `migration_failed` for a wrong name, a number used twice, or a gap. */
export function readMigrationFiles(directory = MIGRATIONS_DIRECTORY): readonly MigrationFile[] {
  const names = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length));
  return names.sort().map((name, index) => {
    const number = Number(NAME.exec(name)?.[1]);
    if (number !== index + 1) {
      const detail = Number.isNaN(number)
        ? 'its name is not four digits, an underscore and a word'
        : `number ${index + 1} was expected here: the numbers have no gaps and none is used twice`;
      throw new MoleculeError('migration_failed', { params: { migration: name, detail } });
    }
    const sql = readFileSync(join(directory, `${name}.sql`), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}
