import type { HostOrder } from '@molecule/contracts';
import { wantsBox } from '@molecule/domain';
import type { WorkspaceRow } from '@molecule/store';

/** What a turn in progress may take to end when its box stops. */
export const STOP_GRACE_MS = 10_000;
/** A removed workspace has nobody left who waits for the answer. */
export const REMOVED_GRACE_MS = 1_000;

export type BoxRow = Pick<WorkspaceRow, 'id' | 'status' | 'boot_id' | 'host_id' | 'runtime'>;

export interface Wanted {
  readonly stops: readonly Extract<HostOrder, { type: 'stop' }>[];
  /** Workspaces that need a new boot here, with the boot they have in the database, which does not run. */
  readonly boots: ReadonlyMap<string, string | null>;
  /** Rows of those that no host has taken yet. */
  readonly unclaimed: readonly BoxRow[];
}

/**
 * What separates a host from what is wanted of it. State-based: computed from rows and from what runs, never from what happened, so a
 * lost or repeated event changes nothing.
 * @param rows the workspaces in question
 * @param boxes boots that run on the host or were ordered there, by workspace
 */
export function wantedOrders(hostId: string, rows: readonly BoxRow[], boxes: ReadonlyMap<string, string>): Wanted {
  const stops: Extract<HostOrder, { type: 'stop' }>[] = [];
  const boots = new Map<string, string | null>();
  const unclaimed: BoxRow[] = [];
  for (const row of rows) {
    const runs = boxes.get(row.id);
    const here = row.host_id === hostId || (row.host_id === null && runs !== undefined);
    const wanted = wantsBox(row.status) && (here || row.host_id === null);
    // Adopted: what runs is what is wanted.
    if (wanted && here && row.boot_id !== null && runs === row.boot_id) continue;
    if (runs !== undefined) stops.push(stopOf(row, runs));
    if (!wanted) continue;
    if (here) boots.set(row.id, row.boot_id);
    else unclaimed.push(row);
  }
  return { stops, boots, unclaimed };
}

function stopOf(row: BoxRow, bootId: string): Extract<HostOrder, { type: 'stop' }> {
  const removed = row.status === 'removed';
  // Both are uuid columns or came in parsed.
  return {
    type: 'stop',
    workspaceId: row.id,
    bootId,
    graceMs: removed ? REMOVED_GRACE_MS : STOP_GRACE_MS,
    wipe: removed,
  } as Extract<HostOrder, { type: 'stop' }>;
}
