import { join } from 'node:path';
import type { AgentSession, BoxProcess, RenderOutcome, RuntimeAdapter, SessionContext } from '@molecule/adapters';
import { RuntimeId, ServerDescriptor, TurnEvent } from '@molecule/contracts';

const programs = join(import.meta.dirname, 'programs');

interface Native {
  mcpServers?: Record<string, unknown>;
  [key: string]: unknown;
}

/** A small but whole runtime: one JSON file with `mcpServers`, one identity file, and a real process that runs turns. */
export function testAdapter(options: { readonly id?: string; readonly available?: boolean } = {}): RuntimeAdapter {
  const available = options.available ?? true;
  return {
    id: RuntimeId.parse(options.id ?? 'test-runtime'),
    title: 'Test runtime',
    capabilities: {
      streaming: true,
      resume: true,
      cancel: false,
      warm: true,
      reload: 'new_session',
      envReference: '${VAR}',
      requiredServers: false,
      httpServers: true,
      protocols: ['anthropic'],
      tested: 'run',
      testedVersion: '1.0.0',
    },
    hostVariables: [],
    detect: async () => ({
      available,
      path: available ? process.execPath : null,
      version: available ? '1.0.0' : null,
      problem: available ? null : 'not installed',
      hasLogin: false,
      loginPath: null,
      readPaths: [programs],
    }),
    nativeFiles: ({ home }) => [
      { id: 'config', path: join(home, '.testrt/config.json') },
      { id: 'identity', path: join(home, '.testrt/IDENTITY.md') },
    ],
    render: ({ layout, files, servers, identity, ledger, skills }): RenderOutcome => {
      const config = files.find(({ id }) => id === 'config');
      const persona = files.find(({ id }) => id === 'identity');
      const parsed = parse(config?.text ?? null);
      const owned = (ledger?.files['config'] as string[] | undefined) ?? [];
      const next: Native = { ...parsed.value, mcpServers: { ...parsed.value.mcpServers } };
      for (const name of owned) delete next.mcpServers?.[name];
      for (const { name, descriptor } of servers) next.mcpServers = { ...next.mcpServers, [name]: descriptor };
      const text = `${JSON.stringify(next, null, 2)}\n`;
      const isSame = parsed.ok && JSON.stringify(sorted(next)) === JSON.stringify(sorted(parsed.value));
      const writes = [
        ...(isSame || config === undefined ? [] : [{ id: 'config', path: config.path, text }]),
        ...(identity === null || persona === undefined || persona.text === identity
          ? []
          : [{ id: 'identity', path: persona.path, text: identity }]),
      ];
      const notes = servers.map(({ name }) => ({
        server: name as string,
        file: 'config',
        action: isSame ? ('unchanged' as const) : ('added' as const),
        detail: '',
      }));
      return {
        writes,
        links: skills.map(({ name, path }) => ({ path: join(layout.home, '.testrt/skills', name), target: path })),
        ledger: { version: 1, files: { config: servers.map(({ name }) => name) } },
        report: parsed.ok
          ? notes
          : [...notes, { server: null, file: 'config', action: 'rebuilt_corrupt', detail: 'not JSON' }],
      };
    },
    read: (files) => {
      const { value } = parse(files.find(({ id }) => id === 'config')?.text ?? null);
      return Object.fromEntries(
        Object.entries(value.mcpServers ?? {}).flatMap(([name, entry]) => {
          const descriptor = ServerDescriptor.safeParse(entry);
          return descriptor.success ? [[name, descriptor.data]] : [];
        }),
      );
    },
    readIdentity: (files) => files.find(({ id }) => id === 'identity')?.text ?? null,
    childEnvironment: (parent, server) => ({
      ...parent,
      ...(server.type === 'http'
        ? {}
        : Object.fromEntries(
            Object.entries(server.env).map(([name, value]) => [
              name,
              value.replace(/\$\{(?:secret:)?(\w+)\}/g, (whole, key: string) => parent[key] ?? whole),
            ]),
          )),
    }),
    environment: ({ base }) => ({ ...base, TEST_RUNTIME: '1' }),
    inspect: async () => null,
    openSession: (context) => new TestSession(context),
    diagnose: ({ isConcierge, launcherPath, files }) => ({
      is_concierge: isConcierge,
      legacy_binary_present: false,
      settings_entry_present: (files[0]?.text ?? '').includes('molecule-platform'),
      launcher_path: launcherPath,
    }),
  };
}

class TestSession implements AgentSession {
  readonly #context: SessionContext;
  #process: BoxProcess | null = null;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  async *runTurn({ prompt, signal }: Parameters<AgentSession['runTurn']>[0]): AsyncGenerator<TurnEvent> {
    // On purpose no handling of `signal`: the supervisor must end a turn of a runtime that does not listen.
    void signal;
    this.#process ??= await this.#context.spawn({
      command: process.execPath,
      args: [join(programs, 'agent-cli.mjs')],
      env: this.#context.env,
      cwd: this.#context.layout.work,
    });
    const child = this.#process;
    await child.write(`${JSON.stringify({ prompt })}\n`);
    const lines = child.lines[Symbol.asyncIterator]();
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw new Error(`the agent CLI ended: ${child.stderrTail().slice(-200)}`);
      const event = TurnEvent.parse(JSON.parse(next.value.text));
      yield event;
      if (event.type === 'end') return;
    }
  }

  async reload(): Promise<void> {
    await this.close(200);
  }

  async close(graceMs: number): Promise<void> {
    const child = this.#process;
    this.#process = null;
    await child?.end(graceMs);
  }
}

function parse(text: string | null): { ok: boolean; value: Native } {
  if (text === null) return { ok: true, value: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ok: false, value: {} };
    const { mcpServers } = value as Native;
    return typeof mcpServers === 'object' || mcpServers === undefined
      ? { ok: true, value: value as Native }
      : { ok: false, value: { ...value, mcpServers: {} } };
  } catch {
    return { ok: false, value: {} };
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
