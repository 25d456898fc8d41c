import { z } from 'zod';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { manifestInvalid, schemaInvalid } from './manifest-invalid.ts';
import { type ManifestShape, PLAIN_SHAPE } from './manifest-shape.ts';
import { packageJson } from './package-json.ts';
import { serverMap } from './server-map.ts';

const FILE = '.claude-plugin/plugin.json';
const SERVERS = '.mcp.json';
const Places = z.union([z.string(), z.array(z.string())]);
const ClaudePluginFile = z.looseObject({
  name: z.string(),
  version: z.string().optional(),
  displayName: z.string().optional(),
  description: z.string().default(''),
  mcpServers: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  skills: Places.optional(),
});
/** Parts of that format which have no counterpart in other runtimes. */
const OTHER_PARTS = ['commands', 'agents', 'hooks', 'lspServers', 'outputStyles'];

/** A Claude Code plugin. Undefined when there is no `.claude-plugin/plugin.json`. */
export function claudePlugin(files: readonly TreeFile[], plugin: string): ManifestShape | undefined {
  const value = packageJson(files, FILE, plugin);
  if (value === undefined) return undefined;
  const parsed = ClaudePluginFile.safeParse(value);
  if (!parsed.success) throw schemaInvalid(plugin, FILE, parsed.error);
  const { name, version, displayName, description, mcpServers, skills } = parsed.data;
  const inline =
    typeof mcpServers === 'object' && !Array.isArray(mcpServers)
      ? serverMap(mcpServers, `${FILE} at mcpServers`, plugin)
      : {};
  const paths = typeof mcpServers === 'string' ? [mcpServers] : Array.isArray(mcpServers) ? mcpServers : [];
  const own = [SERVERS, ...paths.map((path) => plain(path))].map((path, index) =>
    serversOfFile(files, path, plugin, index > 0),
  );
  const dropped = OTHER_PARTS.filter(
    (part) => parsed.data[part] !== undefined || files.some((file) => file.path.startsWith(`${part}/`)),
  );
  return {
    ...PLAIN_SHAPE,
    name,
    version: version ?? null,
    title: displayName ?? null,
    description,
    servers: Object.assign({}, ...own, inline),
    dropped,
    skillFolders: [...new Set(['skills', ...(skills === undefined ? [] : [skills].flat().map(plain))])],
  };
}

function serversOfFile(
  files: readonly TreeFile[],
  path: string,
  plugin: string,
  isNamed: boolean,
): ReturnType<typeof serverMap> {
  const value = packageJson(files, path, plugin);
  if (value === undefined) {
    if (isNamed) throw manifestInvalid(plugin, `${FILE} names ${path}, which is missing`);
    return {};
  }
  // Both spellings exist: wrapped in mcpServers, and the bare map.
  const isWrapped = typeof value === 'object' && value !== null && 'mcpServers' in value;
  return serverMap(isWrapped ? value.mcpServers : value, path, plugin);
}

function plain(path: string): string {
  return path.replace(/^\.\//, '').replace(/\/+$/, '');
}
