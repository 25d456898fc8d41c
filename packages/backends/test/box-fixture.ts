import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type BoxProcess,
  type Command,
  type EgressPolicy,
  type IsolationPolicy,
  type ProcessExit,
  type RunOptions,
  runInGroup,
} from '@molecule/backends';

export interface BoxFixture {
  /** The data directory of an installation: two workspaces and a secret. */
  readonly data: string;
  readonly own: string;
  readonly other: string;
  readonly secretFile: string;
  policy(egress?: Partial<EgressPolicy>): IsolationPolicy;
  remove(): void;
}

/** A data directory as a box host has it. */
export function boxFixture(): BoxFixture {
  const data = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-backends-')));
  const [own, other] = [join(data, 'workspaces/own'), join(data, 'workspaces/other')];
  for (const folder of [own, other, join(data, 'host')]) mkdirSync(folder, { recursive: true });
  const secretFile = join(data, 'host/secret');
  writeFileSync(secretFile, 'hidden text\n');
  writeFileSync(join(other, 'notes'), 'hidden text\n');
  return {
    data,
    own,
    other,
    secretFile,
    policy: (egress = {}) => ({
      writable: [own],
      readable: [dirname(dirname(process.execPath))],
      hidden: [data, '/root', '/home'],
      egress: { controlPlanePort: null, hosts: [], ...egress },
      environment: ['PATH', 'LC_*'],
      identity: { uid: 1000, gid: 1000, name: 'agent', home: own },
      limits: {},
      stateDirectory: join(data, 'host/sandbox'),
    }),
    remove: () => rmSync(data, { recursive: true, force: true }),
  };
}

export function shell(script: string, cwd: string, env: Record<string, string> = {}): Command {
  return { command: '/bin/sh', args: ['-c', script], cwd, env: { PATH: process.env['PATH'] ?? '', ...env } };
}

export function node(script: string, cwd: string, env: Record<string, string> = {}): Command {
  return { command: process.execPath, args: ['-e', script], cwd, env: { PATH: process.env['PATH'] ?? '', ...env } };
}

/** Runs a command to its end and returns what it said. */
export async function runToEnd(
  command: Command,
  options: RunOptions = {},
): Promise<{ exit: ProcessExit; stdout: string; stderr: string }> {
  const box = await runInGroup(command, options);
  const lines = await readAll(box);
  return { exit: await box.ended, ...lines };
}

export async function readAll(box: BoxProcess): Promise<{ stdout: string; stderr: string }> {
  const lines = { stdout: '', stderr: '' };
  for await (const event of box.output) if (event.type === 'line') lines[event.stream] += `${event.text}\n`;
  return lines;
}

/** Waits for a condition, looking every 10 ms, for at most a minute. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not happen within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A server on loopback that answers every connection with a word, and the port it got. */
export async function wordServer(word: string): Promise<{ port: number; server: Server; connections: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on('error', () => socket.destroy());
    socket.end(word);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, server, connections: () => count };
}
