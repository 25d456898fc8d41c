import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readHostFacts } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { processGroups } from './group-process.ts';
import { type LoopbackWall, openLoopbackWall } from './loopback-wall.ts';

/** Prints the interfaces that it sees, and for each address whether something answered there. */
const LOOK = `
const [...targets] = process.argv.slice(1);
const knock = (target) => new Promise((resolve) => {
  const [host, port] = target.split('|');
  const socket = require('node:net').connect({ host, port: Number(port), timeout: 5000 });
  socket.once('data', (data) => { socket.destroy(); resolve(String(data)); });
  for (const silence of ['error', 'timeout', 'close']) socket.once(silence, () => { socket.destroy(); resolve('nothing'); });
});
Promise.all(targets.map(knock)).then((answers) => console.log(JSON.stringify({ seen: Object.keys(require('node:os').networkInterfaces()), answers })));
`;

const servers: Server[] = [];
let wall: LoopbackWall;
let named: number;
let unnamed: number;

async function listen(): Promise<number> {
  const server = createServer((socket) => void socket.end('here'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeAll(async () => {
  [named, unnamed] = [await listen(), await listen()];
  wall = await openLoopbackWall([named]);
});
afterAll(() => {
  wall.close();
  for (const server of servers) server.close();
});

test(
  verifies(
    'I3-clis-network',
    'a program of the kit reaches the named ports, and nothing else of or beyond the machine',
  ),
  async () => {
    const outward = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => `${address}|${named}`);
    const targets = [`127.0.0.1|${named}`, `127.0.0.1|${unnamed}`, ...outward];
    const look = async (enter: LoopbackWall['wrap']) => {
      const groups = processGroups(enter);
      const child = await groups.spawn({
        command: process.execPath,
        args: ['-e', LOOK, ...targets],
        env: {},
        cwd: process.cwd(),
      });
      const lines: string[] = [];
      for await (const { text } of child.lines) lines.push(text);
      await child.exited;
      return JSON.parse(lines.join('')) as { seen: string[]; answers: string[] }; // the program above prints it
    };

    // The same program on the machine's own network finds all of it, so what it does not find inside is the wall's doing.
    expect((await look((plan) => plan)).answers).toEqual(targets.map(() => 'here'));
    const inside = await look(wall.wrap);
    if (wall.problem === null)
      expect(inside).toEqual({ seen: ['lo'], answers: ['here', ...targets.slice(1).map(() => 'nothing')] });
    else expect(inside.answers).toEqual(targets.map(() => 'here'));
  },
);

test(
  verifies(
    'I3-clis-network',
    'where no such network can be made, the output says so and why, and in CI it is an error',
  ),
  async () => {
    const bare = { ...(await readHostFacts()), bubblewrap: null };
    await expect(openLoopbackWall([named], bare, true)).rejects.toThrow(/not with loopback alone: bubblewrap/);
    const told = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const plan = { command: '/bin/true', args: ['x'], env: {}, cwd: '/' };
      const open = await openLoopbackWall([named], bare, false);
      expect([open.problem, open.wrap(plan)]).toEqual([expect.stringContaining('bubblewrap'), plan]);
      expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('not with loopback alone: bubblewrap'));
    } finally {
      told.mockRestore();
    }
  },
);
