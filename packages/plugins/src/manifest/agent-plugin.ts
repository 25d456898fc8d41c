import { z } from 'zod';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { schemaInvalid } from './manifest-invalid.ts';
import { type ManifestShape, PLAIN_SHAPE } from './manifest-shape.ts';
import { packageJson } from './package-json.ts';
import { serverMap } from './server-map.ts';

/** `plugin.json`: the open plugin shape plus our own namespace `molecule`. */
export const AgentPluginFile = z
  .object({
    name: z.string().describe('Install name: lower case letters, digits, dots, dashes, underscores'),
    version: z.string().max(100).optional(),
    displayName: z.string().max(200).optional(),
    description: z.string().max(4000).default(''),
    molecule: z
      .object({
        entitlement: z
          .enum(['ordinary', 'privileged'])
          .default('ordinary')
          .describe('privileged: only the concierge may have it'),
        required: z.boolean().default(false).describe('The workspace fails closed without it'),
        servers: z
          .record(
            z.string(),
            z
              .object({
                required: z.boolean().default(false),
                requiredTools: z.array(z.string().max(200)).max(200).default([]),
              })
              .strict(),
          )
          .default({}),
        instructions: z
          .array(z.string().max(240))
          .max(20)
          .default([])
          .describe("Text files that become part of the agent's instructions"),
        runtimes: z.array(z.string().max(40)).max(50).default([]).describe('Runtimes it is made for; empty = any'),
        setup: z
          .object({
            command: z.string().min(1).max(500),
            args: z.array(z.string().max(2000)).max(50).default([]),
            secrets: z
              .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/))
              .max(50)
              .default([]),
          })
          .strict()
          .optional()
          .describe('Runs once for each artifact in the box, with the secrets it names and no others'),
      })
      .strict()
      .default({ entitlement: 'ordinary', required: false, servers: {}, instructions: [], runtimes: [] }),
  })
  .meta({ id: 'MoleculePlugin', title: 'plugin.json of a Molecule plugin' });

const FILE = 'plugin.json';
const SERVERS = 'mcp.json';

/** Our own shape: `plugin.json`, `mcp.json`, `skills/*`. Undefined when there is no `plugin.json`. */
export function agentPlugin(files: readonly TreeFile[], plugin: string): ManifestShape | undefined {
  const value = packageJson(files, FILE, plugin);
  if (value === undefined) return undefined;
  const parsed = AgentPluginFile.safeParse(value);
  if (!parsed.success) throw schemaInvalid(plugin, FILE, parsed.error);
  const { name, version, displayName, description, molecule } = parsed.data;
  const wrapped = z
    .object({ mcpServers: z.unknown() })
    .safeParse(packageJson(files, SERVERS, plugin) ?? { mcpServers: {} });
  if (!wrapped.success) throw schemaInvalid(plugin, SERVERS, wrapped.error);
  const { servers: serverSettings, setup, ...settings } = molecule;
  return {
    ...PLAIN_SHAPE,
    ...settings,
    name,
    version: version ?? null,
    title: displayName ?? null,
    description,
    serverSettings,
    setup: setup ?? null,
    servers: serverMap(wrapped.data.mcpServers ?? {}, SERVERS, plugin),
  };
}
