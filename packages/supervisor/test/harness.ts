import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeAdapter } from '@molecule/adapters';
import { DesiredState, newId } from '@molecule/contracts';
import { type BoxHost, type BoxHostOptions, processBackend, startBoxHost } from '../src/index.ts';
import { StandInControlPlane, type StandInWorkspace } from './stand-in-control-plane.ts';
import { testAdapter } from './test-adapter.ts';

export const PROGRAMS = join(import.meta.dirname, 'programs');
const MCP_SERVER = join(PROGRAMS, 'mcp-server.mjs');

type ServerWish = Partial<DesiredState['servers'][number]> & { name: string };

/** A stdio server that runs the test program. */
export function mcpServer(
  name: string,
  args: readonly string[] = [],
  more: Partial<ServerWish> = {},
  env: Record<string, string> = {},
): DesiredState['servers'][number] {
  const plugin = more.plugin ?? 'test-plugin';
  return {
    name,
    plugin,
    required: true,
    requiredTools: [],
    witnessed: false,
    descriptor: { type: 'stdio', command: process.execPath, args: [MCP_SERVER, '--name', name, ...args], env },
    ...more,
  } as DesiredState['servers'][number];
}

export interface Bench {
  readonly plane: StandInControlPlane;
  readonly host: BoxHost;
  readonly dataDir: string;
  readonly log: string[];
  box(workspace: StandInWorkspace): { home: string; work: string; run: string };
  /** Lines of the launches that the test server noted, parsed. */
  launches(workspace: StandInWorkspace): {
    name: string;
    nonce: string | null;
    orgKey: string | null;
    socket: string | null;
    token: string | null;
    cwd: string;
  }[];
  restart(options?: Partial<BoxHostOptions>): Promise<BoxHost>;
  close(): Promise<void>;
}

export function desiredState(workspaceId: string, bootId: string, more: Record<string, unknown> = {}): DesiredState {
  return DesiredState.parse({
    workspaceId,
    orgId: newId(),
    bootId,
    generation: 1,
    name: 'research',
    kind: 'workspace',
    runtime: 'test-runtime',
    model: { kind: 'gateway', provider: 'demo', model: 'demo/scripted', paths: {}, demo: true },
    providerPin: null,
    servers: [],
    artifacts: [],
    identity: { text: 'You are research.', digest: 'sha256:identity' },
    instructions: [],
    assets: [],
    secretNames: [],
    egress: [],
    timing: { heartbeatIntervalMs: 200, warmSessionMs: 60_000, proveIntervalMs: 60_000, turnDeadlineMs: 60_000 },
    ...more,
  });
}

export function workspace(more: Record<string, unknown> = {}, extra: Partial<StandInWorkspace> = {}): StandInWorkspace {
  const id = newId();
  const bootId = newId();
  return {
    id,
    bootId,
    desired: desiredState(id, bootId, more),
    secrets: {},
    orgApiKey: null,
    enrolmentToken: randomUUID(),
    apiKey: '',
    nonce: null,
    wanted: true,
    registers: [],
    beats: [],
    bootEvents: [],
    tasks: [],
    prove: null,
    cancel: [],
    stop: null,
    generation: 1,
    ...extra,
  };
}

export async function openBench(
  options: {
    adapters?: RuntimeAdapter[];
    sandbox?: 'auto' | 'none';
    host?: Partial<BoxHostOptions>;
    before?: (dataDir: string) => void;
  } = {},
): Promise<Bench> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-box-host-')));
  options.before?.(dataDir);
  const plane = await new StandInControlPlane().start();
  const log: string[] = [];
  const start = (more: Partial<BoxHostOptions> = {}) =>
    startBoxHost({
      dataDir,
      controlPlane: { url: plane.url },
      hostToken: 'host-token',
      env: { PATH: process.env['PATH'], HOST_ONLY: 'must not leak' },
      adapters: options.adapters ?? [testAdapter()],
      backend: processBackend({ stateFolder: join(dataDir, 'run', 'sandbox'), sandbox: options.sandbox ?? 'none' }),
      log: (message, detail) => log.push(`${message} ${JSON.stringify(detail ?? {})}`),
      version: '0.1.0',
      ...options.host,
      ...more,
    });
  const bench = {
    plane,
    dataDir,
    log,
    host: await start(),
    box: ({ id }: StandInWorkspace) => {
      const root = join(dataDir, 'boxes', id);
      return { home: join(root, 'home'), work: join(root, 'work'), run: join(root, 'run') };
    },
    launches: (of: StandInWorkspace) => {
      const file = join(dataDir, 'boxes', of.id, 'work', 'mcp-launches.txt');
      return existsSync(file)
        ? readFileSync(file, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [];
    },
    restart: async (more: Partial<BoxHostOptions> = {}) => (bench.host = await start(more)),
    close: async () => {
      await bench.host.stop(0);
      await plane.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return bench;
}

/** Waits until `look` gives something, at most a minute. */
export async function until<T>(what: string, look: () => T | null | undefined | false, limitMs = 60_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
