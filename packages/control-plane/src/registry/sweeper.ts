import { ENROLMENT_TIMEOUT_MS, HEARTBEAT_LOST_AFTER_INTERVALS, WARM_UP_MS } from '@molecule/domain';
import {
  applyTransition,
  disconnectHost,
  type Executor,
  findSilentBoxes,
  type SilentBox,
  silentHosts,
} from '@molecule/store';
import { sql } from 'kysely';
import { closeLostTerminals } from '../boxes/lost-terminals.ts';
import type { Services } from '../kernel/services.ts';
import { reassess } from '../readiness/reassess.ts';

/** A host writes its sign of life every 15 s; after three of them without one its replica has gone. */
export const HOST_SILENT_MS = 45_000;
/** How long a host may be away before its boxes count as lost; a restart of either side takes less. */
export const HOST_GRACE_MS = 15_000;
/** Most workspaces that one pass changes, so that a pass stays short. */
const MOST_PER_PASS = 500;
/** Key of the advisory lock that one replica at a time holds for a pass. */
const SWEEP_LOCK = 5_712_041;

const SAYING: Readonly<
  Record<
    SilentBox['why'],
    {
      readonly event: 'heartbeat_lost' | 'host_lost' | 'boot_failed';
      readonly message: string;
      readonly nextStep: string;
    }
  >
> = {
  heartbeat_lost: {
    event: 'heartbeat_lost',
    message: 'The box has stopped sending heartbeats.',
    nextStep: 'Check the box host; `molecule ws restart` starts a new box.',
  },
  host_lost: {
    event: 'host_lost',
    message: 'The box host has gone, and its boxes with it.',
    nextStep: 'Start the box host again: it takes its workspaces back by itself.',
  },
  enrolment_timeout: {
    event: 'boot_failed',
    message: 'The box was ordered but never enrolled.',
    nextStep: '`molecule ws events` shows the last boot step; `molecule ws restart` starts over.',
  },
  no_host: {
    event: 'boot_failed',
    message: 'No box host has taken the workspace.',
    nextStep: 'Start a box host that has the runtime; `molecule doctor` lists what was found.',
  },
};

export interface SweepLimits {
  readonly heartbeatIntervalMs: number;
  /** Since when this replica has been watching without a gap; silence before it proves nothing. */
  readonly watchingSince: Date;
  readonly now: Date;
}

/**
 * One pass over all silence: hosts whose replica vanished, boxes that stopped speaking, boots that never enrolled or
 * registered. Nobody is judged for a time in which this replica or the database was away.
 * @returns how many workspaces changed; 0 also when another replica is sweeping
 */
export async function sweepSilence(services: Services, limits: SweepLimits): Promise<number> {
  return services.db.transaction().execute(async (trx) => {
    const lock = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${SWEEP_LOCK}) as got`.execute(trx);
    if (lock.rows[0]?.got !== true) return 0;
    const { now } = limits;
    for (const host of await silentHosts(trx, before(limits, HOST_SILENT_MS), MOST_PER_PASS))
      await disconnectHost(trx, host.id, host.connectionId, 'silent', now);
    const silent = await findSilentBoxes(trx, {
      heartbeatBefore: before(limits, limits.heartbeatIntervalMs * HEARTBEAT_LOST_AFTER_INTERVALS),
      hostBefore: before(limits, HOST_GRACE_MS),
      bootBefore: before(limits, ENROLMENT_TIMEOUT_MS),
      limit: MOST_PER_PASS,
    });
    let changed = 0;
    for (const box of silent) {
      const { event, message, nextStep } = SAYING[box.why];
      const outcome = await applyTransition(trx, box.id, event, {
        reason: box.why,
        message,
        nextStep,
        actor: 'system',
        now,
      });
      if (outcome.ok && outcome.changed) changed += 1;
    }
    changed += await sweepUnregistered(services, trx, now);
    await closeLostTerminals(trx, now);
    return changed;
  });
}

/** Boxes that enrolled and never registered, or that wait too long for their proof: the verdict depends on the time, so it is asked anew. */
async function sweepUnregistered(services: Services, trx: Executor, now: Date): Promise<number> {
  const rows = await trx
    .selectFrom('workspaces')
    .select(['id', 'status'])
    .where('status', '=', 'booting')
    .where('boot_enrolled_at', '<', new Date(now.getTime() - WARM_UP_MS))
    .limit(MOST_PER_PASS)
    .execute();
  let changed = 0;
  for (const row of rows) if ((await reassess(services, trx, row.id, 'system'))?.status !== row.status) changed += 1;
  return changed;
}

/** The time before which silence counts; the beginning of time while this replica has not watched long enough. */
function before(limits: SweepLimits, silentMs: number): Date {
  const moment = limits.now.getTime() - silentMs;
  return moment >= limits.watchingSince.getTime() ? new Date(moment) : new Date(0);
}
