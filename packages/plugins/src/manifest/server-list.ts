import type { TreeFile } from '../artifact/tree-digest.ts';
import { manifestInvalid } from './manifest-invalid.ts';
import { type ManifestShape, PLAIN_SHAPE } from './manifest-shape.ts';
import { packageJson } from './package-json.ts';
import { serverMap } from './server-map.ts';

/** `mcp-servers.json`: a map of servers, bare or under `mcpServers`. Undefined when there is no such file. */
export function serverList(files: readonly TreeFile[], plugin: string): ManifestShape | undefined {
  const value = packageJson(files, 'mcp-servers.json', plugin);
  if (value === undefined) return undefined;
  if (!isMap(value)) throw manifestInvalid(plugin, 'mcp-servers.json is not a map');
  return { ...PLAIN_SHAPE, servers: serverMap(value['mcpServers'] ?? value, 'mcp-servers.json', plugin) };
}

/** `settings-fragment.json`: a piece of a settings file. Its `mcpServers` are taken; other settings of a runtime are not a plugin's business. */
export function settingsFragment(files: readonly TreeFile[], plugin: string): ManifestShape | undefined {
  const value = packageJson(files, 'settings-fragment.json', plugin);
  if (value === undefined) return undefined;
  if (!isMap(value)) throw manifestInvalid(plugin, 'settings-fragment.json is not a map');
  const { mcpServers, ...others } = value;
  return {
    ...PLAIN_SHAPE,
    servers: serverMap(mcpServers ?? {}, 'settings-fragment.json', plugin),
    dropped: Object.keys(others).sort(),
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
