import { MoleculeError } from '@molecule/contracts';
import { z } from 'zod';

/** The cursor of a list whose pages go on after a row's id; undefined for the first page. @throws MoleculeError `cursor_invalid` for one that we did not give out */
export function rowCursor(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !z.uuid().safeParse(cursor).success) throw new MoleculeError('cursor_invalid');
  return cursor;
}
