import { resolve } from 'node:path';
import type { HomeRuntime } from '@molecule/adapters/home';

/** What `render`, `unrender` and `verify` are told about the place. */
export interface HomeOptions {
  readonly runtime: string;
  readonly home: string;
}

/** Absolute path of the home that is meant. */
export function homeFolder({ home }: HomeOptions): string {
  return resolve(home);
}

/** How a runtime's native files are rendered. @throws MoleculeError `runtime_unknown`; never another runtime (B67, T36) */
export async function homeRuntimeOf(runtime: string): Promise<HomeRuntime> {
  const { homeRuntime, nativeConfigOf } = await import('@molecule/adapters/home');
  const native = await nativeConfigOf(runtime);
  if (native !== null) return homeRuntime(native);
  // Throws for a runtime that does not exist; the others render by a description of their files.
  const { adapterFor } = await import('@molecule/adapters');
  const adapter = adapterFor(runtime);
  throw new Error(`the runtime ${adapter.id} has no description of its native files`);
}
