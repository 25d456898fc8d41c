import { MoleculeError } from '@molecule/contracts';

const DISK_FULL = '53100';
/** Connection failures, no memory, too many connections, a server that starts, stops or was ended, and a statement that it ended for its length. */
const UNAVAILABLE =
  /^(08...|53200|53300|57P0[1-4]|57014|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** The client library has no code for these. */
const UNAVAILABLE_TEXT =
  /^(Connection terminated|timeout (expired|exceeded)|Client has encountered a connection error|The connection was closed|Query read timeout)/;

/**
 * Puts a failure of the database into the catalogue's words: `database_full` or `database_unavailable`. Undefined for any other
 * error, e.g. a violated constraint, which only the caller can explain.
 */
export function asDatabaseError(error: unknown): MoleculeError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === DISK_FULL) return new MoleculeError('database_full', { cause: error });
  if (!UNAVAILABLE.test(code) && !UNAVAILABLE_TEXT.test(error.message)) return undefined;
  return new MoleculeError('database_unavailable', { params: { detail: error.message }, cause: error });
}
