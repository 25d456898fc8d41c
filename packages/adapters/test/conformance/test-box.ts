import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DesiredServer, type ModelAccess, PluginName, ServerName, type TurnEvent } from '@molecule/contracts';
import { type ScriptedServer, startScriptedServer } from '@molecule/models/server';
import {
  boxLayout,
  type Detection,
  type NativeFile,
  type RenderInput,
  type RenderLedger,
  type RuntimeAdapter,
  type SessionContext,
  type SpawnPlan,
  type TurnInput,
} from '../../src/index.ts';
import { detectOnce } from './detect-once.ts';
import { processGroups } from './group-process.ts';
import { type LoopbackWall, openLoopbackWall } from './loopback-wall.ts';
import { unpackedOnce } from './unpacked-once.ts';

type Script = NonNullable<NonNullable<Parameters<typeof startScriptedServer>[0]>['script']>;
type ModelRequest = Parameters<Extract<Script, (request: never) => unknown>>[0];
type ScriptStep = NonNullable<ReturnType<Extract<Script, (request: never) => unknown>>>;

const PROBE = fileURLToPath(new URL('./probe-server.mjs', import.meta.url));

/** One box of a real runtime on a scripted model, everything on this machine. */
export class TestBox {
  readonly adapter: RuntimeAdapter;
  readonly layout = boxLayout(mkdtempSync(join(tmpdir(), 'molecule-adapter-')));
  readonly processes = processGroups((plan) => this.#enter(plan));
  /** Of a conversation beside that of the test. */
  readonly asideProcesses = processGroups((plan) => this.#enter(plan));
  /** Who answers the requests that hold this mark, which are not noted. */
  asideScript: { readonly mark: string; readonly script: (request: ModelRequest) => ScriptStep } | null = null;
  readonly requests: ModelRequest[] = [];
  readonly logs: string[] = [];
  /** What the model answers; a test sets it. */
  script: (request: ModelRequest) => ScriptStep = () => ({ text: 'nothing was scripted' });
  ledger: RenderLedger | null = null;
  readonly #hostEnv: Readonly<Record<string, string | undefined>>;
  #model: ScriptedServer | null = null;
  #wall: LoopbackWall | null = null;
  #detection: Detection | null = null;

  constructor(adapter: RuntimeAdapter, hostEnv: Readonly<Record<string, string | undefined>>) {
    this.adapter = adapter;
    this.#hostEnv = hostEnv;
    mkdirSync(this.layout.home, { recursive: true });
    mkdirSync(this.layout.work, { recursive: true });
  }

  /** @param ports of servers of the test that its processes may reach, besides the model. */
  async open(ports: readonly number[] = []): Promise<this> {
    this.#model = await startScriptedServer({
      script: (request) => {
        if (this.asideScript !== null && JSON.stringify(request.messages).includes(this.asideScript.mark))
          return this.asideScript.script(request);
        this.requests.push(request);
        return this.script(request);
      },
    });
    this.#wall = await openLoopbackWall([this.#model.port, ...ports]);
    this.#detection = await detectOnce(this.adapter, this.#hostEnv);
    return this;
  }

  /** Whether its processes have a network of loopback alone. Where they have not, the output of the tests says why. */
  get isWalled(): boolean {
    return this.#wall?.problem === null;
  }

  #enter(plan: SpawnPlan): SpawnPlan {
    if (this.#wall === null) throw new Error('the box is not open');
    return this.#wall.wrap(plan);
  }

  get records() {
    return this.#model?.model.records ?? [];
  }

  detection(): Detection {
    if (this.#detection === null) throw new Error('the box is not open');
    return this.#detection;
  }

  get probeLog(): string {
    return join(this.layout.root, 'probe.jsonl');
  }

  /** Lines of the probe server's log so far. */
  probeEvents(): readonly {
    event: string;
    tool?: string;
    args?: unknown;
    names?: string[];
    values?: Record<string, string | null>;
  }[] {
    try {
      return readFileSync(this.probeLog, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  }

  probeServer(name = 'molecule-platform', extraTool = ''): DesiredServer {
    return {
      name: ServerName.parse(name),
      plugin: PluginName.parse('molecule-platform-mcp'),
      required: true,
      requiredTools: ['provision_workspace'],
      witnessed: true,
      descriptor: {
        type: 'stdio',
        command: process.execPath,
        args: [PROBE, this.probeLog, 'MOLECULE_API_URL,RENAMED,MOLECULE_ORG_API_KEY', extraTool],
        env: {
          MOLECULE_API_URL: '${MOLECULE_API_URL}',
          RENAMED: '${secret:WORKSPACE_SECRET}',
          MOLECULE_ORG_API_KEY: '${MOLECULE_ORG_API_KEY}',
        },
      },
    };
  }

  files(): readonly NativeFile[] {
    return this.adapter.nativeFiles(this.layout).map(({ id, path }) => ({ id, path, text: contentOf(path) }));
  }

  /** Renders and writes, plainly; the supervisor's careful writing is tested where it lives. */
  render(wish: Partial<Pick<RenderInput, 'servers' | 'identity' | 'skills'>>): void {
    const outcome = this.adapter.render({
      layout: this.layout,
      files: this.files(),
      servers: [],
      identity: null,
      skills: [],
      ledger: this.ledger,
      ...wish,
    });
    for (const { path, text } of outcome.writes) {
      mkdirSync(dirname(path), { recursive: true });
      if (text === null) unlinkSync(path);
      else writeFileSync(path, text);
    }
    for (const { path, target } of outcome.links) {
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      if (target !== null) symlinkSync(target, path);
    }
    this.ledger = outcome.ledger;
  }

  environment(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return this.adapter.environment({
      layout: this.layout,
      model: this.model(),
      apiUrl: this.#model?.url ?? '',
      apiKey: 'box-key',
      hostEnv: {},
      base: {
        PATH: process.env['PATH'] ?? '',
        LANG: 'C.UTF-8',
        MOLECULE_API_URL: 'http://127.0.0.1:1',
        MOLECULE_API_KEY: 'box-key',
        MOLECULE_ORG_API_KEY: 'org-key',
        WORKSPACE_SECRET: 'secret-value',
        CLAUDE_CODE_MAX_RETRIES: '0',
        MOLECULE_AGENT_RETRIES: '0',
        ...unpackedOnce(this.#hostEnv),
        ...extra,
      },
    });
  }

  model(): ModelAccess {
    return {
      kind: 'gateway',
      provider: 'demo',
      model: 'demo/scripted',
      demo: true,
      paths: { anthropic: '', openaiResponses: '/v1', openaiChat: '', google: '' },
    };
  }

  context(extra: Partial<SessionContext> = {}): SessionContext {
    return {
      layout: this.layout,
      detection: this.detection(),
      model: this.model(),
      env: this.environment(),
      allowedServers: ['molecule-platform', 'second'],
      spawn: (plan) => this.processes.spawn(plan),
      now: Date.now,
      warmMs: 60_000,
      prewarm: false,
      log: (message) => void this.logs.push(message),
      ...extra,
    };
  }

  async close(): Promise<void> {
    this.processes.killAll();
    this.asideProcesses.killAll();
    this.#wall?.close();
    await this.#model?.close();
    rmSync(this.layout.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function turn(prompt: string, rest: Partial<TurnInput> = {}): TurnInput {
  return { prompt, sessionId: null, history: [], signal: new AbortController().signal, ...rest };
}

export async function collect(events: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const all: TurnEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function endOf(events: readonly TurnEvent[]): Extract<TurnEvent, { type: 'end' }> {
  const ends = events.filter((event) => event.type === 'end');
  const last = events.at(-1);
  if (ends.length !== 1 || last?.type !== 'end')
    throw new Error(`a turn needs exactly one end, at its end: ${events.map((event) => event.type).join(' ')}`);
  return last;
}

/** What was said, piece after piece. */
export function textOf(events: readonly TurnEvent[]): string {
  return events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
}

/** How often a text occurs in everything that one request brought to the model. */
export function occurrences(request: ModelRequest, text: string): number {
  return JSON.stringify([request.system, request.messages]).split(text).length - 1;
}
