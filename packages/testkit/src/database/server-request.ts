import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DatabaseAddress, ServerConnection } from '@molecule/store';

/** Where the global setup tells the tests to ask for the server. */
export const DESK_VARIABLE = 'MOLECULE_TEST_DATABASE_DESK';
/** A server of one's own to test against; its role must be allowed to create databases. */
export const URL_VARIABLE = 'MOLECULE_TEST_DATABASE_URL';

/** The address of the test server, which starts now if it is the first time in this run that somebody asks. */
export async function requestServer(env: NodeJS.ProcessEnv = process.env): Promise<DatabaseAddress> {
  const url = env[URL_VARIABLE];
  if (url !== undefined && url !== '') return { url };
  const socket = env[DESK_VARIABLE];
  if (socket === undefined)
    throw new Error(`${DESK_VARIABLE} is not set: add global-setup.ts of the testkit to the vitest configuration.`);
  // Both sides are this folder's: the shape needs no check.
  const connection = createConnection(socket);
  connection.write('server?\n');
  const reply = JSON.parse(await text(connection)) as { connection?: ServerConnection; error?: string };
  if (reply.connection === undefined) throw new Error(`The test database did not start: ${reply.error}`);
  return reply.connection;
}

/** The same server, another database. */
export function withDatabase(address: DatabaseAddress, database: string): DatabaseAddress {
  if (!('url' in address)) return { ...address, database };
  return { url: address.url.replace(/^(\w+:\/\/[^/]*)\/?[^?]*/, `$1/${database}`) };
}
