import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { DatabaseAddress } from '@molecule/store';

/** A line to a database server that can be disturbed: bytes pass as they are until a test asks for trouble. */
export interface DatabaseProxy {
  readonly address: DatabaseAddress;
  /** From now on the connections of this moment hang: what is sent over them is taken in and never answered. */
  hang(): void;
  /**
   * The next statement that holds `text` is carried out, but its answer never arrives: the connection breaks in its place.
   * @param meanwhile called when the statement is done and nobody has been told; the connection breaks when it resolves
   */
  cutAnswerOf(text: string, meanwhile: () => Promise<void>): void;
  close(): Promise<void>;
}

interface Cut {
  readonly text: string;
  readonly meanwhile: () => Promise<void>;
}

/** Opens a proxy on loopback before a server, which may listen on a Unix socket. */
export async function databaseProxy(server: DatabaseAddress): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  let hung = new WeakSet<Socket>();
  let cut: Cut | null = null;
  const proxy = createServer((client) => {
    const upstream = connect(server);
    let cutting: Cut | null = null;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // its close follows
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (cut !== null && chunk.includes(cut.text)) [cutting, cut] = [cut, null];
      if (!hung.has(client)) upstream.write(chunk);
    });
    // The server sends the answer of a statement after its commit.
    upstream.on('data', (chunk) => {
      if (cutting === null) return void (hung.has(client) || client.write(chunk));
      upstream.pause();
      void cutting.meanwhile().finally(() => client.destroy());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    address: through(server, (proxy.address() as AddressInfo).port), // on TCP, so never a string or null
    hang: () => {
      hung = new WeakSet(sockets);
    },
    cutAnswerOf: (text, meanwhile) => {
      cut = { text, meanwhile };
    },
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A server's place in a URL, where a socket directory is a parameter. */
const AUTHORITY = /^(\w+:\/\/(?:[^@/?]*@)?)([^/?]*)/;

function connect(server: DatabaseAddress): Socket {
  if (!('url' in server)) return connectTo(server.host, server.port);
  const query = new URLSearchParams(server.url.split('?')[1]);
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(AUTHORITY.exec(server.url)?.[2] ?? '') ?? [];
  return connectTo(query.get('host') ?? host ?? 'localhost', Number(query.get('port') ?? port ?? 5432));
}

function connectTo(host: string, port: number): Socket {
  return host.startsWith('/') ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host);
}

function through(server: DatabaseAddress, port: number): DatabaseAddress {
  if (!('url' in server)) return { ...server, host: '127.0.0.1', port };
  const [url = ''] = server.url.split('?');
  return { url: url.replace(AUTHORITY, `$1127.0.0.1:${port}`) };
}
