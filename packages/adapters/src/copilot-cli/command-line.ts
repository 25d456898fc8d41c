import { z } from 'zod';
import type { Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';
import { inspectByListing, jsonInLines, unconnectedServers } from '../detection/listing-inspection.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';

/** Its own tools run without asking: the box is the wall. Servers are allowed by name. */
export function acpCommand(context: SessionContext): SpawnPlan {
  const allowed = [...context.allowedServers, 'shell', 'write'].flatMap((name) => ['--allow-tool', name]);
  return runtimeCommand(context, ['--acp', ...allowed]);
}

const Listing = z.object({ mcpServers: z.record(z.string(), z.object({ enabled: z.boolean().optional() })) });

/** `mcp list` reads its files and connects to nothing. */
export function inspectCopilot(context: SessionContext): Promise<Inspection> {
  return inspectByListing(context, runtimeCommand(context, ['mcp', 'list', '--json']), (printed) => {
    const servers = Listing.safeParse(jsonInLines(printed)).data?.mcpServers;
    return servers === undefined ? null : unconnectedServers(servers);
  });
}
