import { createInterface } from 'node:readline';
import { isMoleculeError } from '@molecule/contracts';
import { startManagedPostgres } from '../../src/managed/managed-postgres.ts';

/*
 * A process that owns a managed server, for tests that kill it. Argument: the data directory. Prints one JSON line when the server is up or
 * could not be started; ends in good order when its input ends.
 */
const print = (value: unknown): void => console.log(JSON.stringify(value));
const log = { info: () => {}, warn: () => {} };

try {
  const server = await startManagedPostgres({ dataDir: process.argv[2] ?? '', log });
  print({ up: { pid: server.pid, adopted: server.adopted, connection: server.connection } });
  for await (const _ of createInterface(process.stdin)) {
    // nothing is said: only the end counts
  }
  await server.stop();
} catch (error) {
  if (!isMoleculeError(error)) throw error;
  print({ failed: { code: error.code, params: error.params, message: error.message } });
}
