import { MoleculeError } from '@molecule/contracts';

/** What a caller sent and no column can hold, by the code of the database. */
const CANNOT_BE_STORED: Readonly<Record<string, string>> = {
  '22021': 'a text holds a character that cannot be stored, such as a zero byte',
  '22P05': 'a text holds a character that cannot be stored, such as a zero byte',
  '22P02': 'a text holds half of a character, or something else that cannot be stored',
  '22003': 'a number is out of range',
};

/** The refusal of a request by a value that the database cannot hold. Undefined for any other error. */
export function asUnstorableValue(error: unknown): MoleculeError | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const detail = CANNOT_BE_STORED[code];
  return detail === undefined ? undefined : new MoleculeError('invalid_request', { params: { detail }, cause: error });
}
