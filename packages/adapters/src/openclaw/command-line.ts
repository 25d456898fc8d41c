import { z } from 'zod';
import type { Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';
import { inspectByListing, jsonInLines, unconnectedServers } from '../detection/listing-inspection.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';

/** One turn, without the program's own gateway. */
export function agentCommand(context: SessionContext, sessionId: string, promptFile: string): SpawnPlan {
  return runtimeCommand(context, [
    'agent',
    '--local',
    '--json',
    '--session-id',
    sessionId,
    '--message-file',
    promptFile,
  ]);
}

const Entry = z.looseObject({ enabled: z.boolean().nullish() });
const Listing = z.union([
  z.object({ servers: z.record(z.string(), Entry) }).transform(({ servers }) => servers),
  z
    .object({ servers: z.array(z.looseObject({ name: z.string(), enabled: z.boolean().nullish() })) })
    .transform(({ servers }) => Object.fromEntries(servers.map((each) => [each.name, each]))),
  z.record(z.string(), Entry),
]);

/** `mcp list` reads the configuration and connects to nothing. */
export function inspectOpenClaw(context: SessionContext): Promise<Inspection> {
  return inspectByListing(context, runtimeCommand(context, ['mcp', 'list', '--json']), (printed) => {
    const servers = Listing.safeParse(jsonInLines(printed)).data;
    return servers === undefined ? null : unconnectedServers(servers);
  });
}
