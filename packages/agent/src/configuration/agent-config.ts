import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseServerEntry, type ServerEntry } from './server-entry.ts';

export interface AgentConfig {
  readonly servers: Readonly<Record<string, ServerEntry>>;
  /** Entries that cannot be used, with the reason. */
  readonly broken: Readonly<Record<string, string>>;
  /** The file itself cannot be used; null when it can or when there is none. */
  readonly problem: string | null;
}

const EMPTY: AgentConfig = { servers: {}, broken: {}, problem: null };

/** Reads `config.json` of the agent's home. A missing file is an empty configuration; a broken one says so and gives no servers. */
export async function readAgentConfig(home: string): Promise<AgentConfig> {
  let text: string;
  try {
    text = await readFile(join(home, 'config.json'), 'utf8');
  } catch (error) {
    return isMissing(error) ? EMPTY : { ...EMPTY, problem: `config.json cannot be read: ${String(error)}` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { ...EMPTY, problem: 'config.json is not JSON.' };
  }
  const map = typeof value === 'object' && value !== null && 'mcpServers' in value ? value.mcpServers : {};
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    return { ...EMPTY, problem: 'mcpServers in config.json is not a map.' };
  const servers: [string, ServerEntry][] = [];
  const broken: [string, string][] = [];
  for (const [name, raw] of Object.entries(map)) {
    const entry = parseServerEntry(raw);
    if (typeof entry === 'string') broken.push([name, entry]);
    else servers.push([name, entry]);
  }
  return { servers: Object.fromEntries(servers), broken: Object.fromEntries(broken), problem: null };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
