import { stripVTControlCharacters } from 'node:util';
import type { BoxProcess, Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';

const LISTING_TIMEOUT_MS = 60_000;
const END_GRACE_MS = 300;

/** Runs a command of the CLI that lists its servers, and reads what it printed on stdout and stderr. */
export async function inspectByListing(
  context: SessionContext,
  plan: SpawnPlan,
  parse: (printed: string) => Inspection['servers'] | null,
): Promise<Inspection> {
  let child: BoxProcess;
  try {
    child = await context.spawn(plan);
  } catch (error) {
    return { ok: false, servers: {}, problem: error instanceof Error ? error.message : String(error) };
  }
  child.closeStdin();
  const timer = setTimeout(() => void child.end(END_GRACE_MS), LISTING_TIMEOUT_MS);
  try {
    const lines: string[] = [];
    for await (const { text } of child.lines) lines.push(text);
    await child.exited;
    const printed = stripVTControlCharacters(`${lines.join('\n')}\n${child.stderrTail()}`);
    const servers = parse(printed);
    return servers === null
      ? { ok: false, servers: {}, problem: `The listing is not understood: ${printed.trim().slice(0, 300)}` }
      : { ok: true, servers, problem: null };
  } finally {
    clearTimeout(timer);
    await child.end(END_GRACE_MS);
  }
}

/** Servers in what `mcp list` of some runtimes prints; null when it is no such listing. */
export function serversInMcpList(printed: string): Inspection['servers'] | null {
  return printed.includes('MCP servers') ? serversInLines(printed, /^\S\s+(?<name>.+?): .* - (?<state>[^-]+)$/) : null;
}

/** Reads lines such as `✓ name: target - Connected` or `✗ name failed: reason`; the words decide, the marks differ. */
export function serversInLines(printed: string, line: RegExp): Inspection['servers'] {
  return Object.fromEntries(
    printed.split('\n').flatMap((text) => {
      const groups = line.exec(text)?.groups;
      const name = groups?.['name'];
      if (groups === undefined || name === undefined) return [];
      const state = groups['state'] ?? '';
      const connected = /^connected$/i.test(state.trim());
      return [
        [name.trim(), { connected, tools: null, problem: connected ? null : state.trim() || 'not connected' }] as const,
      ];
    }),
  );
}

/** The JSON object that a CLI printed, perhaps with lines of its log around it; undefined when there is none. */
export function jsonInLines(printed: string): unknown {
  try {
    return JSON.parse(printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1));
  } catch {
    return undefined;
  }
}

/** Servers of a listing that connects to nothing: all that it can say of one is that it is switched off. */
export function unconnectedServers(
  listed: Readonly<Record<string, { readonly enabled?: boolean | null | undefined }>>,
): Inspection['servers'] {
  return Object.fromEntries(
    Object.entries(listed).map(([name, { enabled }]) => [
      name,
      { connected: null, tools: null, problem: enabled === false ? 'disabled' : null },
    ]),
  );
}
