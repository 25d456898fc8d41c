import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { BoxProcess, Inspection, RuntimeAdapter, SpawnPlan } from '@molecule/adapters';
import {
  type DesiredServer,
  ENV,
  HEADER,
  type HttpDescriptor,
  type Proof,
  type ServerDescriptor,
  type StdioDescriptor,
  toolId,
} from '@molecule/contracts';
import type { ServerRendering } from '../box/rendering.ts';
import { HttpTransport } from './http-transport.ts';
import { listTools, McpFailure, type McpTools } from './mcp-session.ts';
import { parsedRung } from './parsed-rung.ts';
import { expandReferences, unexpandedReferences } from './reference-expansion.ts';
import { StdioTransport } from './stdio-transport.ts';

/** A server that needs longer than this would keep an agent's session waiting too (B93). */
export const PROBE_TIMEOUT_MS = 30_000;
const END_GRACE_MS = 500;

export interface ProofWish {
  readonly adapter: RuntimeAdapter;
  readonly server: DesiredServer;
  /** The server as the runtime would load it from its files; undefined = it would not. */
  readonly loaded: ServerDescriptor | undefined;
  readonly rendering: ServerRendering;
  /** Digest of the plugin's artifact and whether it is here; null = the server comes without one. */
  readonly delivered: { readonly digest: string; readonly ok: boolean; readonly reason: string | null } | null;
  /** Undefined = nobody asked the CLI; null = this CLI cannot tell. */
  readonly inspection: Inspection | null | undefined;
  readonly runtimeEnv: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly spawn: (plan: SpawnPlan) => Promise<BoxProcess>;
  /** One-time nonce for the witnessed server. It enters this one launch and nothing else. */
  readonly nonce: string | null;
  /** Whether the box may connect to this address. */
  readonly mayReach: (url: string) => boolean;
  readonly timeoutMs?: number;
}

export interface ServerProof {
  readonly proofs: readonly Proof[];
  /** Tool ids that the live server listed (B91); null = unknown. */
  readonly toolIds: readonly string[] | null;
}

/** Climbs the proof ladder for one server: declared, delivered, rendered, parsed, live. Never throws. */
export async function proveServer(wish: ProofWish): Promise<ServerProof> {
  const { server, rendering, delivered, inspection } = wish;
  const proof = (
    rung: Proof['rung'],
    ok: boolean,
    reason: string | null,
    evidence: Record<string, unknown>,
    durationMs: number | null = null,
  ): Proof => ({ server: server.name, rung, ok, reason, evidence, durationMs });
  const proofs = [
    proof('declared', true, null, { plugin: server.plugin, required: server.required }),
    delivered === null
      ? proof('delivered', true, null, { applicable: false })
      : proof('delivered', delivered.ok, delivered.reason, { digest: delivered.digest }),
    proof('rendered', rendering.ok, rendering.reason, { runtime: wish.adapter.id }),
  ];
  if (inspection !== undefined) proofs.push(parsedRung(server.name, inspection));
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  try {
    if (wish.loaded === undefined) throw new McpFailure('not_rendered', 'the runtime would not load this server');
    const { tools, evidence } = await (wish.loaded.type === 'http'
      ? proveHttp(wish, wish.loaded)
      : proveStdio(wish, wish.loaded));
    const toolIds = tools.tools.map((tool) => toolId(server.name, tool));
    const missing = server.requiredTools.map((tool) => toolId(server.name, tool)).filter((id) => !toolIds.includes(id));
    const ok = missing.length === 0;
    proofs.push(
      proof(
        'live',
        ok,
        ok ? null : 'required_tool_missing',
        {
          ...evidence,
          serverName: tools.serverName,
          protocolVersion: tools.protocolVersion,
          toolCount: toolIds.length,
          tools: toolIds.slice(0, 200),
          surface: tools.surface,
          ...(ok ? {} : { missing }),
        },
        elapsed(),
      ),
    );
    return { proofs, toolIds };
  } catch (error) {
    const failure =
      error instanceof McpFailure
        ? error
        : new McpFailure('launch_failed', error instanceof Error ? error.message : String(error));
    proofs.push(proof('live', false, failure.reason, { ...failure.evidence, message: failure.message }, elapsed()));
    return { proofs, toolIds: null };
  }
}

interface Alive {
  readonly tools: McpTools;
  readonly evidence: Record<string, unknown>;
}

async function proveStdio(wish: ProofWish, descriptor: StdioDescriptor): Promise<Alive> {
  const env: Record<string, string> = { ...wish.adapter.childEnvironment(wish.runtimeEnv, descriptor) };
  const args = expandsArguments(wish.adapter)
    ? descriptor.args.map((value) => expandReferences(value, wish.runtimeEnv))
    : descriptor.args;
  const command = expandsArguments(wish.adapter)
    ? expandReferences(descriptor.command, wish.runtimeEnv)
    : descriptor.command;
  // Only what the declaration names: a variable of the box may rightly hold such a text.
  const named = Object.fromEntries(Object.keys(descriptor.env).map((name) => [name, env[name] ?? '']));
  refuseUnexpanded({
    ...named,
    command,
    ...Object.fromEntries(args.map((value, index) => [`argument ${index + 1}`, value])),
  });
  if (!isFound(command, env['PATH'] ?? '', wish.cwd))
    throw new McpFailure('command_not_found', `there is no program "${command}" on the search path of the box`, {
      command,
    });
  if (wish.nonce !== null) env[ENV.proofNonce] = wish.nonce;
  const child = await wish.spawn({ command, args, env, cwd: wish.cwd });
  const transport = new StdioTransport(child);
  try {
    const tools = await within(listTools(transport), wish.timeoutMs ?? PROBE_TIMEOUT_MS, () => ({
      stderr: child.stderrTail().slice(-1_000),
    }));
    const stray =
      transport.strayLines === 0 ? {} : { strayLines: transport.strayLines, firstStrayLine: transport.firstStrayLine };
    return { tools, evidence: { transport: 'stdio', command, ...stray } };
  } finally {
    // A server that is asked by its closed stdin to end has the same bounded time as one that must be signalled.
    child.closeStdin();
    await child.end(END_GRACE_MS);
  }
}

async function proveHttp(wish: ProofWish, descriptor: HttpDescriptor): Promise<Alive> {
  const url = expandReferences(descriptor.url, wish.runtimeEnv);
  const headers = Object.fromEntries(
    Object.entries(descriptor.headers).map(([name, value]) => [name, expandReferences(value, wish.runtimeEnv)]),
  );
  refuseUnexpanded({ url, ...headers });
  if (!wish.mayReach(url))
    throw new McpFailure('egress_denied', 'the box may not connect to the address of this server', {
      host: URL.canParse(url) ? new URL(url).host : null,
    });
  const abort = new AbortController();
  try {
    const transport = new HttpTransport(
      url,
      wish.nonce === null ? headers : { ...headers, [HEADER.proof]: wish.nonce },
      abort.signal,
    );
    return {
      tools: await within(listTools(transport), wish.timeoutMs ?? PROBE_TIMEOUT_MS, () => ({})),
      evidence: { transport: 'http' },
    };
  } finally {
    abort.abort();
  }
}

/** Whether this runtime fills references outside of `env` too; one that only inherits variables passes arguments on as they are. */
function expandsArguments(adapter: RuntimeAdapter): boolean {
  return adapter.capabilities.envReference === '${VAR}' || adapter.capabilities.envReference === '{env:VAR}';
}

function refuseUnexpanded(values: Readonly<Record<string, string>>): void {
  const unexpanded = unexpandedReferences(values);
  if (unexpanded.length > 0)
    throw new McpFailure(
      'unexpanded_reference',
      `a value that the server needs is not there: ${unexpanded.join(', ')}`,
      { unexpanded },
    );
}

function isFound(command: string, path: string, cwd: string): boolean {
  const places = command.includes('/')
    ? [isAbsolute(command) ? command : join(cwd, command)]
    : path
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, command));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function within<T>(work: Promise<T>, timeoutMs: number, evidence: () => Record<string, unknown>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new McpFailure('timeout', `no list of tools within ${timeoutMs} ms`, evidence())),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
