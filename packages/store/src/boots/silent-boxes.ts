import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

export interface SilentBox {
  readonly id: string;
  readonly why: 'heartbeat_lost' | 'host_lost' | 'enrolment_timeout' | 'no_host';
}

export interface SilenceLimits {
  /** No heartbeat since this time = lost. */
  readonly heartbeatBefore: Date;
  /** A host without a stream since this time is lost, and with it every box of it that has not been heard of since. */
  readonly hostBefore: Date;
  /** A boot assigned before this time that has not enrolled has failed, and so has a workspace that got no boot since. */
  readonly bootBefore: Date;
  readonly limit: number;
}

/** Boxes that nothing has been heard of for too long, at most `limit` at once, held for this transaction: what is said of them is still true when it is acted upon. */
export async function findSilentBoxes(trx: Executor, limits: SilenceLimits): Promise<readonly SilentBox[]> {
  const found = await sql<SilentBox>`
    select w.id, case
      when w.status = 'provisioning' and w.boot_id is null then 'no_host'
      when w.status = 'provisioning' then 'enrolment_timeout'
      when w.last_heartbeat_at < ${limits.heartbeatBefore} then 'heartbeat_lost'
      else 'host_lost' end as why
    from workspaces w left join hosts h on h.id = w.host_id
    where (w.status = 'provisioning' and (case when w.boot_id is null then w.status_since else w.boot_started_at end) < ${limits.bootBefore})
       or (w.status in ('booting', 'online', 'degraded', 'failed') and w.boot_enrolled_at is not null
           and (w.last_heartbeat_at < ${limits.heartbeatBefore}
                or (h.connection_id is null and h.last_seen_at < ${limits.hostBefore} and w.last_heartbeat_at < h.last_seen_at)))
    order by w.id limit ${limits.limit} for no key update of w skip locked`.execute(trx);
  return found.rows;
}
