import type { FoundRuntime } from '@molecule/contracts';
import { adapterFor, knownRuntimes } from './adapter-registry.ts';

/** The runtime that comes with Molecule, so that a machine without any agent CLI still has an agent. */
export const DEFAULT_RUNTIME = 'molecule-agent';

/** Looks for every runtime on this machine, all at once; never throws. */
export async function detectRuntimes(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly FoundRuntime[]> {
  return Promise.all(
    knownRuntimes().map(async (runtime) => {
      const { available, version, path, problem, hasLogin } = await adapterFor(runtime).detect(env);
      return { runtime, available, version, path, problem, hasLogin };
    }),
  );
}
