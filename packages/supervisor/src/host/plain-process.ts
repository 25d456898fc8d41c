import type { BoxProcess, SpawnPlan } from '@molecule/adapters';
import { runInGroup } from '@molecule/backends';
import { asBoxProcess } from './adapter-process.ts';

/** Starts a process of this machine in a group of its own and without walls: for a person's own home, where the agent CLI has none either. */
export async function startPlainProcess(plan: SpawnPlan): Promise<BoxProcess> {
  return asBoxProcess(await runInGroup(plan, { stdin: 'pipe' }));
}
