import { MoleculeError } from '@molecule/contracts';

/** @throws MoleculeError `runtime_unknown`, `runtime_unavailable` for a runtime that this machine does not have */
export function checkRuntimeFlag(
  runtime: string,
  found: readonly { readonly runtime: string; readonly available: boolean; readonly problem: string | null }[],
): void {
  const same = found.find((each) => each.runtime === runtime);
  if (same === undefined)
    throw new MoleculeError('runtime_unknown', {
      params: { runtime, known: found.map((each) => each.runtime).sort() },
    });
  if (!same.available)
    throw new MoleculeError('runtime_unavailable', { params: { runtime, detail: same.problem ?? 'not found' } });
}
