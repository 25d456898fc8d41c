import { MoleculeError } from '@molecule/contracts';

/** Why a server program ended, as far as its own log tells. */
export type StartFailure =
  | { readonly kind: 'retry'; readonly because: 'lock-file' | 'shared-memory' }
  | { readonly kind: 'final'; readonly error: MoleculeError };

/**
 * Reads what the program wrote. `retry` means that remains of a killed server are in the way: its processes end by themselves
 * shortly after it, and a zombie's lock file can be removed.
 */
export function diagnoseStart(log: string, ending: string, logPath: string): StartFailure {
  if (/pre-existing shared memory block/.test(log)) return { kind: 'retry', because: 'shared-memory' };
  if (/lock file ".*" (already exists|is empty)/.test(log)) return { kind: 'retry', because: 'lock-file' };
  if (/No space left on device|Disk quota exceeded/i.test(log)) {
    return { kind: 'final', error: new MoleculeError('database_full', { params: { logPath } }) };
  }
  const wrongMajor = /initialized by PostgreSQL version (\d+).*not compatible with this version (\d+)/s.exec(log);
  if (wrongMajor !== null) {
    const [, found = '', have = ''] = wrongMajor;
    return { kind: 'final', error: new MoleculeError('database_major_mismatch', { params: { found, have } }) };
  }
  const detail = lastComplaint(log) ?? ending;
  return { kind: 'final', error: new MoleculeError('database_start_failed', { params: { detail, logPath } }) };
}

/** The last line that names a cause, without time and process id. */
function lastComplaint(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => /FATAL:|PANIC:|error:|cannot open shared object/i.test(line));
  return lines
    .at(-1)
    ?.replace(/^.*?(?=FATAL:|PANIC:|error:)/i, '')
    .trim();
}
