import { readAgentConfig } from '../configuration/agent-config.ts';
import { expandServerEntry } from '../configuration/server-entry.ts';
import type { ServerStatus } from '../protocol.ts';
import { connectServer, type ServerConnection } from './server-connection.ts';

/** A failed server that is not required is left alone for so long, or until the configuration changes: it must not slow every turn. */
export const RETRY_AFTER_MS = 30_000;

export interface PoolState {
  readonly connections: ReadonlyMap<string, ServerConnection>;
  readonly status: Readonly<Record<string, ServerStatus>>;
  /** Required servers that are not connected. */
  readonly missingRequired: readonly string[];
  /** The configuration file cannot be used. */
  readonly problem: string | null;
}

/**
 * The agent's MCP servers.
 *
 * States of one server: absent → connecting → connected; a failure leaves it absent with the reason; the next `ready` tries
 * again at once when it is required, otherwise after RETRY_AFTER_MS. Invariants: a server whose entry is unchanged keeps its connection over turns and reloads; a changed or removed entry
 * closes it. Nothing connects before the first `ready`. A crash leaves nothing: stdio servers end with their stdin.
 */
export interface ServerPool {
  /** Reads the configuration if it is due and connects what is not connected. */
  ready(): Promise<PoolState>;
  /** The next `ready` reads the configuration again. */
  invalidate(): void;
  close(): Promise<void>;
}

export function serverPool(
  home: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): ServerPool {
  const connections = new Map<string, { readonly key: string; readonly connection: ServerConnection }>();
  const failures = new Map<string, { readonly problem: string; readonly atMs: number }>();
  let config: Awaited<ReturnType<typeof readAgentConfig>> | null = null;
  let running: Promise<PoolState> | null = null;

  async function settle(): Promise<PoolState> {
    config ??= await readAgentConfig(home);
    const status: Record<string, ServerStatus> = {};
    for (const [name, problem] of Object.entries(config.broken))
      status[name] = { connected: false, tools: null, problem };
    const wanted = Object.entries(config.servers);
    const keys = new Map(wanted.map(([name, entry]) => [name, JSON.stringify(entry)]));
    for (const [name, held] of connections) {
      if (keys.get(name) === held.key && !held.connection.closed()) continue;
      connections.delete(name);
      await held.connection.close().catch(() => undefined);
    }
    await Promise.all(
      wanted.map(async ([name, raw]) => {
        const entry = expandServerEntry(raw, env);
        if (typeof entry === 'string') {
          status[name] = { connected: false, tools: null, problem: entry };
          return;
        }
        const failed = failures.get(name);
        if (failed !== undefined && !entry.required && performance.now() - failed.atMs < RETRY_AFTER_MS) {
          status[name] = { connected: false, tools: null, problem: failed.problem };
          return;
        }
        try {
          const connection = connections.get(name)?.connection ?? (await connectServer(entry, env, folder));
          connections.set(name, { key: keys.get(name) ?? '', connection });
          status[name] = { connected: true, tools: connection.tools.map((tool) => tool.name), problem: null };
        } catch (error) {
          const problem = error instanceof Error ? error.message : String(error);
          failures.set(name, { problem, atMs: performance.now() });
          status[name] = { connected: false, tools: null, problem };
        }
      }),
    );
    const missingRequired = wanted
      .filter(([name, entry]) => entry.required && status[name]?.connected !== true)
      .map(([name]) => name);
    return {
      connections: new Map([...connections].map(([name, held]) => [name, held.connection])),
      status,
      missingRequired,
      problem: config.problem,
    };
  }

  return {
    ready: () => {
      running ??= settle().finally(() => {
        running = null;
      });
      return running;
    },
    invalidate: () => {
      config = null;
      failures.clear();
    },
    close: async () => {
      await running?.catch(() => undefined);
      const held = [...connections.values()];
      connections.clear();
      await Promise.all(held.map(({ connection }) => connection.close().catch(() => undefined)));
    },
  };
}
