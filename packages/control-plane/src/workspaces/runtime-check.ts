import { FoundRuntime, MoleculeError } from '@molecule/contracts';
import type { Executor } from '@molecule/store';
import { z } from 'zod';

const Found = z.array(FoundRuntime);

/**
 * Refuses a runtime that no box host knows, or that none has. What is known comes from the hosts' own adapters: the control plane
 * has no list of runtimes (B67: no fallback).
 * @param hostId where the workspace lives: while that host is connected its files stay there, so the runtime has to be there too
 * @throws MoleculeError `runtime_unknown`, `runtime_unavailable`
 */
export async function checkRuntime(
  db: Executor,
  orgId: string,
  runtime: string,
  hostId: string | null = null,
): Promise<void> {
  const all = await db
    .selectFrom('hosts')
    .select(['id', 'runtimes', 'connection_id'])
    .where('org_id', '=', orgId)
    .execute();
  const own = all.filter((host) => host.id === hostId && host.connection_id !== null);
  const hosts = own.length > 0 ? own : all;
  const found = hosts.flatMap((host) => Found.safeParse(host.runtimes).data ?? []);
  const known = [...new Set(found.map((each) => each.runtime))].sort();
  const same = found.filter((each) => each.runtime === runtime);
  if (same.length === 0) {
    if (known.length === 0)
      throw new MoleculeError('runtime_unavailable', { params: { runtime, detail: 'no box host has connected yet' } });
    throw new MoleculeError('runtime_unknown', { params: { runtime, known } });
  }
  if (!same.some((each) => each.available)) {
    throw new MoleculeError('runtime_unavailable', { params: { runtime, detail: same[0]?.problem ?? 'not found' } });
  }
}
