import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MoleculeError } from '@molecule/contracts';
import pg from 'pg';
import { DATABASE_NAME, DATABASE_USER } from './cluster-initialization.ts';
import { SOCKET_PORT } from './server-configuration.ts';

/** What a PostgreSQL client needs to connect to the managed server. Holds a password: never to be logged. */
export interface ServerConnection {
  /** Directory of the Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export function serverConnection(socketDirectory: string, password: string): ServerConnection {
  return { host: socketDirectory, port: SOCKET_PORT, user: DATABASE_USER, password, database: DATABASE_NAME };
}

const LOGIN_TIMEOUT_MS = 5_000;

/** Logs in once and makes our database if the cluster is new. Rejects with PostgreSQL's own error if the login fails. */
export async function ensureDatabase(connection: ServerConnection): Promise<void> {
  try {
    await withClient(connection, (client) => client.query('select 1'));
  } catch (error) {
    const missingDatabase = '3D000';
    if (sqlState(error) !== missingDatabase) throw error;
    await withClient({ ...connection, database: 'postgres' }, (client) =>
      client.query(`create database ${DATABASE_NAME}`),
    );
  }
}

/** Like `ensureDatabase` right after a start, with the errors put into the catalogue's words. */
export async function firstLogin(connection: ServerConnection, logPath: string): Promise<void> {
  try {
    await ensureDatabase(connection);
  } catch (error) {
    const fileFull = '53100';
    if (sqlState(error) === fileFull) throw new MoleculeError('database_full', { cause: error });
    const wrongPassword = sqlState(error) === '28P01';
    const detail = wrongPassword
      ? 'the file "password" in the data directory is not the one that was made with it; put it back from a backup'
      : error instanceof Error
        ? error.message
        : String(error);
    throw new MoleculeError('database_start_failed', { params: { detail, logPath }, cause: error });
  }
}

/**
 * True if something listens on the socket and goes on doing so. Finds a server that another container runs on the same
 * volume, whose process id means nothing here. Asked only when no server of ours was found.
 */
export async function somebodyListens(socketDirectory: string): Promise<boolean> {
  if (socketDirectory === '') return false;
  // The processes of a killed server may hold the socket for a moment longer.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (!(await answers(join(socketDirectory, `.s.PGSQL.${SOCKET_PORT}`)))) return false;
    await delay(100);
  }
  return true;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

async function withClient(connection: ServerConnection, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({
    ...connection,
    connectionTimeoutMillis: LOGIN_TIMEOUT_MS,
    query_timeout: LOGIN_TIMEOUT_MS,
    application_name: 'molecule start',
  });
  client.on('error', () => {}); // a loss between two queries shows in the next one
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function sqlState(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
