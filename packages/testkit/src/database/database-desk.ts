import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isMoleculeError } from '@molecule/contracts';
import { type ManagedPostgres, startManagedPostgres } from '@molecule/store';

/*
 * One PostgreSQL server for a whole test run, in the run's main process.
 *
 * The desk is a socket. Nothing else happens until the first test asks there for a database server: then one is
 * started, and everybody gets its address. So a run without database tests never starts one.
 *
 * A crash of the run leaves a temporary folder, maybe with a running server. It is in nobody's way, since each run has a folder
 * of its own, and the next run that uses a database ends and removes it.
 */

export interface DatabaseDesk {
  /** Socket to ask at; see `askForServer`. */
  readonly socket: string;
  /** Ends the server, if one was started, and removes everything. */
  close(): Promise<void>;
}

const PREFIX = 'molecule-test-';
const silent = { info: () => {}, warn: (message: string) => console.warn(message) };

export async function openDatabaseDesk(): Promise<DatabaseDesk> {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(folder, 0o711); // the server's own account has to pass through when we are root
  const socket = join(folder, 'desk');
  let starting: Promise<ManagedPostgres> | undefined;
  let clearing: Promise<void> = Promise.resolve();

  function server(): Promise<ManagedPostgres> {
    if (starting === undefined) {
      starting = startTestServer(join(folder, 'postgres'));
      clearing = starting.then(() => clearLeftovers(folder)).catch(() => {});
    }
    return starting;
  }
  async function answer(connection: Socket): Promise<void> {
    try {
      connection.end(JSON.stringify({ connection: (await server()).connection }));
    } catch (error) {
      connection.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  }

  // Only a question starts a server, not a mere connection (another run looks whether we are alive).
  const desk = createServer((connection) => {
    connection.once('data', () => void answer(connection));
    connection.on('error', () => {}); // whoever asked has gone
  });
  await new Promise<void>((resolve, reject) => {
    desk.once('error', reject);
    desk.listen(socket, resolve);
  });
  return {
    socket,
    close: async () => {
      await new Promise((resolve) => desk.close(resolve));
      await clearing;
      const running = await starting?.catch(() => undefined);
      await running?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startTestServer(dataDir: string): Promise<ManagedPostgres> {
  // Test data need not survive a power loss. How the server survives its own death is tested with the real settings.
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };
  return startManagedPostgres({ dataDir, log: silent, settings });
}

/** True if nobody listens any more. A desk that is not there yet belongs to a run that is just starting. */
function isDeserted(desk: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(desk);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });
}

/** Ends and removes what runs left behind that were killed. The server of a run that is going on is locked by it besides. */
async function clearLeftovers(own: string): Promise<void> {
  for (const name of readdirSync(dirname(own))) {
    const folder = join(dirname(own), name);
    const dataDir = join(folder, 'postgres');
    if (!name.startsWith(PREFIX) || folder === own || !(await isDeserted(join(folder, 'desk')))) continue;
    try {
      if (existsSync(join(dataDir, 'server.json'))) await (await startTestServer(dataDir)).stop();
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (!isMoleculeError(error)) throw error;
    }
  }
}
