import type { Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';
import { inspectByListing, serversInLines } from '../detection/listing-inspection.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';

export function acpCommand(context: SessionContext): SpawnPlan {
  return command(context, ['acp']);
}

/** `mcp list` starts the servers and says which it could reach, not which tools they have. */
export function inspectOpenCode(context: SessionContext): Promise<Inspection> {
  return inspectByListing(context, command(context, ['mcp', 'list']), (printed) =>
    printed.includes('MCP Servers')
      ? serversInLines(printed, /^\S\s+[✓✗○⚠]\s+(?<name>.+)\s(?<state>connected|failed|disabled|\S+)\s*$/)
      : null,
  );
}

/**
 * At every start it fetches a library for plugins from the package registry, unless a lockfile in the folder of its configuration
 * names it: seen in 1.18.33, 5 s of processor time in each box. A box has no plugins and reaches no registry. The file is
 * made in the box, behind its walls, and only where nothing is installed.
 */
const WITHOUT_LIBRARY = [
  'f="$XDG_CONFIG_HOME/opencode"',
  '[ -e "$f/package-lock.json" ] || [ -e "$f/node_modules" ] || { mkdir -p "$f/node_modules"',
  `printf %s '${JSON.stringify({ packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } } })}' > "$f/package-lock.json"; }`,
  'exec "$0" "$@"',
].join('; ');

function command(context: SessionContext, args: readonly string[]): SpawnPlan {
  const { command: program, ...plan } = runtimeCommand(context, args);
  return { ...plan, command: '/bin/sh', args: ['-c', WITHOUT_LIBRARY, program, ...args] };
}
