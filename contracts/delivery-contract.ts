import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { adapterFor, boxLayout, knownRuntimes, type RenderInput } from '@molecule/adapters';
import {
  A2A_SERVER_NAME,
  type DesiredServer,
  ENV,
  ERROR_CATALOGUE,
  HEADER,
  MANAGEMENT_LAUNCHER,
  MANAGEMENT_PLUGIN_DERIVED_NAME,
  MANAGEMENT_PLUGIN_NAME,
  MANAGEMENT_REQUIRED_TOOL,
  MANAGEMENT_SERVER_NAME,
  MCP_MODES,
  PLATFORM_MCP_MISSING,
  PlatformMcpDiag,
  RUNGS,
  SelfReport,
  toolId,
} from '@molecule/contracts';
import { toolsOfMode } from '@molecule/management-mcp';
import { parseManifest, readTree } from '@molecule/plugins';
import { z } from 'zod';

const ROOT = new URL('../', import.meta.url);
const LAYOUT = boxLayout('/box');

/** Shape of the contract, so that third parties can check their copy. */
export const DeliveryContract = z
  .object({
    version: z.literal(1),
    server: z.object({
      name: z.string(),
      plugin: z.string(),
      pluginAliases: z.array(z.string()),
      launcher: z.string(),
      requiredTool: z.string(),
      requiredToolId: z.string(),
      alwaysOnServer: z.string(),
    }),
    descriptor: z.object({
      type: z.literal('stdio'),
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
    environment: z.record(z.string(), z.string()),
    headers: z.record(z.string(), z.string()),
    tools: z.record(z.string(), z.array(z.string())),
    report: z.object({
      fields: z.array(z.string()),
      diagnosis: z.array(z.string()),
      absent: z.literal('unknown: not refused'),
      explicitFalse: z.literal('refused'),
    }),
    gate: z.object({ reason: z.string(), httpStatus: z.int() }),
    ladder: z.array(z.string()),
    runtimes: z.record(
      z.string(),
      z.object({
        file: z.string(),
        format: z.enum(['json', 'jsonc', 'toml', 'yaml']),
        /** The whole file as it is written into an empty home. */
        text: z.string(),
        otherFiles: z.array(z.string()),
        reload: z.string(),
        envReference: z.string(),
        tested: z.enum(['run', 'format']),
        testedVersion: z.string().nullable(),
      }),
    ),
  })
  .strict()
  .meta({ id: 'McpPluginDelivery', title: 'Delivery of the management MCP as a plugin' });
export type DeliveryContract = z.infer<typeof DeliveryContract>;

/**
 * How the management MCP reaches an agent, from the code that does it: names from the contracts, the descriptor from the plugin, tools from the registry, files from
 * each adapter's own rendering (B97, B99, I30). Nothing in it is written by hand.
 */
export async function deliveryContract(): Promise<DeliveryContract> {
  const manifest = parseManifest(
    await readTree(new URL(`plugins/${MANAGEMENT_PLUGIN_NAME}`, ROOT).pathname),
    MANAGEMENT_PLUGIN_NAME,
  );
  const server = manifest.servers.find(({ name }) => name === MANAGEMENT_SERVER_NAME);
  if (server?.descriptor.type !== 'stdio')
    throw new Error(`the plugin ${MANAGEMENT_PLUGIN_NAME} has no stdio server ${MANAGEMENT_SERVER_NAME}`);
  const desired: DesiredServer = { ...server, plugin: manifest.name, witnessed: true };
  return DeliveryContract.parse({
    version: 1,
    server: {
      name: MANAGEMENT_SERVER_NAME,
      plugin: MANAGEMENT_PLUGIN_NAME,
      pluginAliases: [MANAGEMENT_PLUGIN_DERIVED_NAME],
      launcher: MANAGEMENT_LAUNCHER,
      requiredTool: MANAGEMENT_REQUIRED_TOOL,
      requiredToolId: toolId(MANAGEMENT_SERVER_NAME, MANAGEMENT_REQUIRED_TOOL),
      alwaysOnServer: A2A_SERVER_NAME,
    },
    descriptor: server.descriptor,
    environment: ENV,
    headers: HEADER,
    tools: Object.fromEntries(MCP_MODES.map((mode) => [mode, [...toolsOfMode(mode).keys()].sort()])),
    report: {
      fields: Object.keys(SelfReport.shape).sort(),
      diagnosis: Object.keys(PlatformMcpDiag.shape).sort(),
      absent: 'unknown: not refused',
      explicitFalse: 'refused',
    },
    gate: { reason: PLATFORM_MCP_MISSING, httpStatus: ERROR_CATALOGUE[PLATFORM_MCP_MISSING][0] },
    ladder: RUNGS,
    runtimes: Object.fromEntries([...knownRuntimes()].sort().map((runtime) => [runtime, rendered(runtime, desired)])),
  });
}

function rendered(runtime: string, server: DesiredServer): DeliveryContract['runtimes'][string] {
  const adapter = adapterFor(runtime);
  const files = adapter.nativeFiles(LAYOUT).map(({ id, path }) => ({ id, path, text: null }));
  const input: RenderInput = { layout: LAYOUT, files, servers: [server], identity: null, skills: [], ledger: null };
  const written = adapter.render(input).writes.find(({ text }) => text?.includes(MANAGEMENT_SERVER_NAME) === true);
  if (written?.text == null)
    throw new Error(`the adapter ${runtime} writes no file that names ${MANAGEMENT_SERVER_NAME}`);
  const { reload, envReference, tested, testedVersion } = adapter.capabilities;
  const format =
    { '.toml': 'toml', '.yaml': 'yaml', '.yml': 'yaml', '.jsonc': 'jsonc' }[extname(written.path)] ?? 'json';
  const shown = (path: string): string => path.replace(LAYOUT.home, '~').replace(LAYOUT.work, 'WORK');
  return {
    file: shown(written.path),
    format: format as 'json',
    text: written.text.replaceAll(LAYOUT.home, '~'), // one of the table's values
    otherFiles: files.filter(({ path }) => path !== written.path).map(({ path }) => shown(path)),
    reload,
    envReference,
    tested,
    testedVersion,
  };
}

/** Text of a generated file that is in the repository now; null when there is none. */
export function generatedText(name: string): string | null {
  try {
    return readFileSync(new URL(name, import.meta.url), 'utf8');
  } catch {
    return null;
  }
}
