import type { Server as HttpServer } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { createEgressProxy } from './egress-proxy.ts';
import type { EgressPolicy } from './isolation-policy.ts';
import { joinSockets } from './joined-sockets.ts';
import { type NetworkNamespace, openNetworkNamespace } from './network-namespace.ts';

/** Port of the proxy inside a box that may reach other hosts; the next free one where the control plane has this one. */
const PROXY_PORT = 3128;
/** A box that opens more connections than this at once is not working, it is flooding. */
const CONNECTIONS_PER_LISTENER = 512;

/**
 * The only way out of a box: connections accepted inside its network go on to the control plane, or through the proxy to an allowed host.
 * A crash of this process ends every connection and, with the last turn, the network.
 */
export interface EgressBridge {
  readonly enter: NetworkNamespace['enter'];
  /** Variables that send the programs of the box to the proxy; empty where no host is allowed. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/** @throws Error where the machine cannot make a network of its own for the box. */
export async function openEgressBridge(
  tools: { bubblewrap: string; nsenter: string },
  egress: EgressPolicy,
): Promise<EgressBridge> {
  const proxyPort =
    egress.hosts.length === 0 ? null : egress.controlPlanePort === PROXY_PORT ? PROXY_PORT + 1 : PROXY_PORT;
  const ports = [egress.controlPlanePort, proxyPort].filter((port) => port !== null);
  const network = await openNetworkNamespace(tools, ports);
  const connections = new Set<Socket>();
  let proxy: HttpServer | null = null;
  for (const [port, listener] of network.listeners) {
    if (port === proxyPort) {
      const server = createEgressProxy(egress.hosts);
      proxy = server;
      accept(listener, connections, (socket) => server.emit('connection', socket));
    } else {
      accept(listener, connections, (socket) =>
        joinSockets(socket, connect({ host: '127.0.0.1', port, allowHalfOpen: true })),
      );
    }
  }
  return {
    enter: network.enter,
    environment: proxyPort === null ? {} : proxyEnvironment(proxyPort),
    close: () => {
      network.close();
      proxy?.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

function accept(listener: Server, connections: Set<Socket>, use: (socket: Socket) => void): void {
  listener.maxConnections = CONNECTIONS_PER_LISTENER;
  listener.on('connection', (socket: Socket) => {
    // The server came from another process and has the default of `false`, which would answer an end of stream by ending the whole socket.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    use(socket);
  });
}

function proxyEnvironment(port: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`;
  const direct = '127.0.0.1,localhost,::1';
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
    // Node's own fetch and http look at the variables above only where this one is set.
    NODE_USE_ENV_PROXY: '1',
  };
}
