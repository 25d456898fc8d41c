import type { Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';
import { inspectByListing, serversInMcpList } from '../detection/listing-inspection.ts';

export function acpCommand(context: SessionContext): SpawnPlan {
  const { model } = context;
  // It puts the name into a path as it is, and names of ours may hold a slash. Without a model the runtime asks one which it shall take, in a request of its own.
  return command(context, [
    '--acp',
    ...(model.kind !== 'none' && model.model !== null ? ['--model', encodeURIComponent(model.model)] : []),
  ]);
}

/** `mcp list` starts the servers and says which it could reach, not which tools they have. */
export function inspectGemini(context: SessionContext): Promise<Inspection> {
  return inspectByListing(context, command(context, ['mcp', 'list']), serversInMcpList);
}

function command({ detection, env, layout }: SessionContext, args: readonly string[]): SpawnPlan {
  if (detection.path === null) throw new Error(detection.problem ?? 'Gemini CLI was not found.');
  return { command: detection.path, args, env, cwd: layout.work };
}
