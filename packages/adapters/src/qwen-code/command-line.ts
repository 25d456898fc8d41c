import type { Inspection, SessionContext, SpawnPlan } from '../contract/index.ts';
import { inspectByListing, serversInMcpList } from '../detection/listing-inspection.ts';

export function acpCommand(context: SessionContext): SpawnPlan {
  const { model } = context;
  const access = model.kind === 'gateway' ? ['--auth-type', 'openai'] : [];
  return command(context, ['--acp', '--approval-mode', 'yolo', ...access]);
}

/** `mcp list` starts the servers and says which it could reach, not which tools they have. */
export function inspectQwen(context: SessionContext): Promise<Inspection> {
  return inspectByListing(context, command(context, ['mcp', 'list']), serversInMcpList);
}

function command({ detection, env, layout }: SessionContext, args: readonly string[]): SpawnPlan {
  if (detection.path === null) throw new Error(detection.problem ?? 'Qwen Code was not found.');
  return { command: detection.path, args, env, cwd: layout.work };
}
