import { connect, type Socket } from 'node:net';
import { type HostFacts, joinSockets, openNetworkNamespace, readHostFacts } from '@molecule/backends';
import type { SpawnPlan } from '../../src/index.ts';

/** A network with nothing but loopback, in which the CLIs of a test run: of the machine they reach the named ports and nothing else. */
export interface LoopbackWall {
  /** Why the CLIs run with the network of the machine; null = the wall is in force. */
  readonly problem: string | null;
  /** The same start, inside. It stays one process: its id is that of the program. */
  wrap(plan: SpawnPlan): SpawnPlan;
  close(): void;
}

/** Asked once for each file of tests. */
let host: ReturnType<typeof readHostFacts> | null = null;
let isTold = false;

/**
 * Takes about 60 ms. At least one port; the ports have the same numbers on both sides, so no address has to be told twice.
 *
 * Where the machine cannot make such a network, the CLIs run without, and the output of the tests says so and why. In CI that is an error: there
 * the wall must hold.
 */
export async function openLoopbackWall(
  ports: readonly number[],
  facts?: HostFacts,
  isRequired = process.env['CI'] === 'true',
): Promise<LoopbackWall> {
  host ??= readHostFacts();
  const { bubblewrap, nsenter, platform } = facts ?? (await host);
  const problem =
    bubblewrap === null
      ? `bubblewrap was not found (${platform})`
      : (bubblewrap.failure ?? (nsenter === null ? 'nsenter (util-linux) was not found' : null));
  if (problem !== null || bubblewrap === null || nsenter === null) return without(problem ?? '', isRequired);
  try {
    const network = await openNetworkNamespace({ bubblewrap: bubblewrap.path, nsenter }, ports);
    const connections = new Set<Socket>();
    for (const [port, listener] of network.listeners) {
      listener.on('connection', (socket: Socket) => {
        // It comes from another process, where the default would answer an end of stream by ending the whole socket.
        socket.allowHalfOpen = true;
        connections.add(socket.once('close', () => connections.delete(socket)));
        joinSockets(socket, connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
      });
    }
    const { command, args } = network.enter;
    return {
      problem: null,
      wrap: (plan) => ({ ...plan, command, args: [...args, plan.command, ...plan.args] }),
      close: () => {
        network.close();
        for (const socket of connections) socket.destroy();
      },
    };
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error), isRequired);
  }
}

function without(problem: string, isRequired: boolean): LoopbackWall {
  const message = `The CLIs of the conformance kit run with the network of the machine, not with loopback alone: ${problem}`;
  if (isRequired) throw new Error(message);
  if (!isTold) console.warn(message);
  isTold = true;
  return { problem, wrap: (plan) => plan, close: () => undefined };
}
