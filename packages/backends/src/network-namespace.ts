import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Server } from 'node:net';

/**
 * The network of one box.
 *
 * States: open (two descriptors keep the namespaces alive, and the listening sockets belong to it) and closed.
 * A listening socket stays in the network namespace where it was made. So a helper makes the namespaces and the sockets once, hands the
 * sockets to this process and ends: from then on nothing of ours runs inside, and a turn pays only for entering (one `nsenter`).
 * A crash leaves nothing: the kernel drops the namespaces with the last descriptor.
 */
export interface NetworkNamespace {
  /** One server per asked port, listening on 127.0.0.1 inside the box, accepting here. */
  readonly listeners: ReadonlyMap<number, Server>;
  /** Command that enters the box's network and goes on with the arguments after it. */
  readonly enter: { readonly command: string; readonly args: readonly string[] };
  close(): void;
}

const OPENING_LIMIT_MS = 10_000;

/** Runs inside the new network: listens on each port and hands the socket over. CommonJS, given to `node -e`. */
const LISTENER_SCRIPT = `
const net = require('node:net');
for (const port of process.argv.slice(1).map(Number)) {
  const server = net.createServer();
  server.on('error', (error) => { console.error(String(error)); process.exit(1); });
  server.listen({ port, host: '127.0.0.1', backlog: 511 }, () => process.send({ port, pid: process.pid }, server));
}
process.once('message', () => process.exit(0));
process.once('disconnect', () => process.exit(1));
`;

/**
 * Makes a network with nothing but loopback in it, and listeners on the given ports of it. Takes 50 to 70 ms, once per box.
 *
 * @throws Error with what bubblewrap or the kernel said, where the machine cannot make one.
 */
export async function openNetworkNamespace(
  tools: { bubblewrap: string; nsenter: string },
  ports: readonly number[],
): Promise<NetworkNamespace> {
  const isolate = [
    '--unshare-user',
    '--uid',
    '0',
    '--gid',
    '0',
    '--unshare-net',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--die-with-parent',
  ];
  const helper = spawn(
    tools.bubblewrap,
    [...isolate, '--', process.execPath, '-e', LISTENER_SCRIPT, ...ports.map(String)],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {},
      detached: true,
    },
  );
  const listeners = new Map<number, Server>();
  const descriptors: number[] = [];
  const close = () => {
    for (const server of listeners.values()) server.close();
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  };
  try {
    const helperPid = await new Promise<number>((resolve, reject) => {
      let complaint = '';
      helper.stderr?.on('data', (chunk: Buffer) => {
        complaint = (complaint + chunk.toString('utf8')).slice(0, 1_000);
      });
      const timer = setTimeout(
        () => reject(new Error('the network of the box did not open in time')),
        OPENING_LIMIT_MS,
      );
      helper.once('error', reject);
      helper.once('close', () => {
        clearTimeout(timer);
        reject(new Error(complaint.trim() || 'the helper in the network of the box ended'));
      });
      helper.on('message', (message, handle) => {
        // The helper above is the only writer of this channel.
        const { port, pid } = message as { port: number; pid: number };
        listeners.set(port, handle as Server);
        if (listeners.size === ports.length) resolve(pid);
      });
    });
    for (const kind of ['user', 'net']) descriptors.push(openSync(`/proc/${helperPid}/ns/${kind}`, 'r'));
    helper.send('done');
  } catch (error) {
    helper.kill('SIGKILL');
    close();
    throw error;
  }
  const [user, net] = descriptors.map((descriptor) => `/proc/${process.pid}/fd/${descriptor}`);
  return {
    listeners,
    enter: { command: tools.nsenter, args: [`--user=${user}`, `--net=${net}`, '--preserve-credentials', '--'] },
    close,
  };
}
