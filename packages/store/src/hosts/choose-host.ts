import { FoundRuntime, MoleculeError } from '@molecule/contracts';
import type { Executor } from '../executor.ts';
import { listHosts } from './host-repository.ts';

const Runtimes = FoundRuntime.array();

/**
 * The connected host that shall run a new workspace: one that has the runtime, the least loaded first. Null when no host is
 * connected: the workspace then waits, and the first host that can takes it.
 * @throws MoleculeError `runtime_unavailable` when hosts are connected and none has the runtime
 */
export async function chooseHost(db: Executor, orgId: string, runtime: string): Promise<string | null> {
  const connected = (await listHosts(db, orgId)).filter((host) => host.connection_id !== null);
  if (connected.length === 0) return null;
  const able = connected.filter((host) => runtimeProblem(host.runtimes, runtime) === null);
  const first = able[0];
  if (first === undefined) {
    const detail = connected
      .map((host) => `${host.hostname}: ${runtimeProblem(host.runtimes, runtime) ?? ''}`)
      .join('; ');
    throw new MoleculeError('runtime_unavailable', { params: { runtime, detail } });
  }
  if (able.length === 1) return first.id;
  const counts = await db
    .selectFrom('workspaces')
    .select(({ fn }) => ['host_id', fn.countAll<number>().as('boxes')])
    .where(
      'host_id',
      'in',
      able.map((host) => host.id),
    )
    .where('status', 'not in', ['removed', 'paused', 'hibernated'])
    .groupBy('host_id')
    .execute();
  const load = new Map(counts.map((row) => [row.host_id, row.boxes]));
  return able.reduce((best, host) => ((load.get(host.id) ?? 0) < (load.get(best.id) ?? 0) ? host : best)).id;
}

/** Why the host cannot run the runtime; null when it can. */
export function runtimeProblem(found: unknown, runtime: string): string | null {
  const runtimes = Runtimes.safeParse(found);
  const entry = runtimes.data?.find((item) => item.runtime === runtime);
  if (entry === undefined) return 'not found on this machine';
  return entry.available ? null : (entry.problem ?? 'not available');
}
