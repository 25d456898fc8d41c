import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from './processes-of.ts';

/** The processes that make up an installation. `agent`: the agent CLIs of turns that run at the moment. */
export type Role = 'control-plane' | 'box-host' | 'postgres' | 'agent';

/** Process ids of a role, as the data directory records them; none when nothing of that role is recorded or runs. */
export function rolePids(dataDir: string, role: Role): number[] {
  switch (role) {
    case 'control-plane':
      return jsonPid(join(dataDir, 'run', 'control-plane.json'));
    case 'box-host':
      return jsonPid(join(dataDir, 'run', 'box-host.lock'));
    case 'postgres':
      return firstLine(join(dataDir, 'database', 'cluster', 'postmaster.pid'));
    case 'agent':
      return processesOf(join(dataDir, 'boxes'))
        .filter(isAgent)
        .map(({ pid }) => pid);
  }
}

/** A process inside a box that is neither the wall around it nor one of its MCP servers. */
function isAgent({
  command,
  environment,
}: {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}): boolean {
  return (
    environment['MOLECULE_WORKSPACE_ID'] !== undefined && !/\bbwrap\b|molecule-platform-mcp|\bsocat\b/.test(command)
  );
}

function jsonPid(path: string): number[] {
  try {
    const { pid } = JSON.parse(readFileSync(path, 'utf8')) as { pid?: unknown }; // ours; anything else counts as nothing
    return typeof pid === 'number' ? [pid] : [];
  } catch {
    return [];
  }
}

function firstLine(path: string): number[] {
  try {
    const pid = Number(readFileSync(path, 'utf8').split('\n', 1)[0]);
    return Number.isInteger(pid) && pid > 0 ? [pid] : [];
  } catch {
    return [];
  }
}
