import type { SessionContext, SpawnPlan } from '../contract/index.ts';

/**
 * The runtime's own program in the work folder of the box, with the session's whole environment.
 * @throws Error with what detection found wrong when there is no program
 */
export function runtimeCommand(
  { detection, env, layout }: Pick<SessionContext, 'detection' | 'env' | 'layout'>,
  args: readonly string[],
): SpawnPlan {
  if (detection.path === null) throw new Error(detection.problem ?? 'The program of the runtime was not found.');
  return { command: detection.path, args, env, cwd: layout.work };
}
