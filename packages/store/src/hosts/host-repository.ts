import type { HostConnect } from '@molecule/contracts';
import type { Selectable } from 'kysely';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import type { HostsTable } from '../schema.ts';

export type HostRow = Selectable<HostsTable>;

/**
 * Puts a host's new order stream in force; whichever stream it had before is replaced and finds its connection id gone.
 * @returns false when the id belongs to another org
 */
export async function connectHost(
  trx: Executor,
  orgId: string,
  host: HostConnect,
  connectionId: string,
  now: Date,
): Promise<boolean> {
  const values = {
    hostname: host.hostname,
    pid: host.pid,
    version: host.version,
    runtimes: JSON.stringify(host.runtimes),
    isolation: JSON.stringify(host.isolation),
    connected_at: now,
    connection_id: connectionId,
    last_seen_at: now,
  };
  const rows = await trx
    .insertInto('hosts')
    .values({ id: host.hostId, org_id: orgId, ...values })
    .onConflict((oc) => oc.column('id').doUpdateSet(values).where('hosts.org_id', '=', orgId))
    .returning('id')
    .execute();
  if (rows.length === 0) return false;
  await appendEvents(trx, [
    {
      orgId,
      type: 'host.connected',
      actor: `host:${host.hostId}`,
      data: { hostId: host.hostId, hostname: host.hostname, connectionId },
    },
  ]);
  return true;
}

/** Notes that the stream is still there; false when another one has replaced it. */
export async function touchHost(db: Executor, hostId: string, connectionId: string, now: Date): Promise<boolean> {
  const rows = await db
    .updateTable('hosts')
    .set({ last_seen_at: now })
    .where('id', '=', hostId)
    .where('connection_id', '=', connectionId)
    .returning('id')
    .execute();
  return rows.length === 1;
}

/** Holds the host's row for the transaction; false when the stream is no longer the one in force. */
export async function holdsHost(trx: Executor, hostId: string, connectionId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('hosts')
    .select('id')
    .where('id', '=', hostId)
    .where('connection_id', '=', connectionId)
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends a stream; nothing happens when another has replaced it. The boxes get their grace before they count as lost. */
export async function disconnectHost(
  trx: Executor,
  hostId: string,
  connectionId: string,
  reason: string,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .updateTable('hosts')
    .set({ connection_id: null, last_seen_at: now })
    .where('id', '=', hostId)
    .where('connection_id', '=', connectionId)
    .returning('org_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  await appendEvents(trx, [{ orgId: row.org_id, type: 'host.lost', actor: 'system', data: { hostId, reason } }]);
  return true;
}

/** Hosts whose stream was not heard of since a time: the replica that held it has gone without a word. */
export async function silentHosts(
  db: Executor,
  before: Date,
  limit: number,
): Promise<readonly { readonly id: string; readonly connectionId: string }[]> {
  const rows = await db
    .selectFrom('hosts')
    .select(['id', 'connection_id'])
    .where('connection_id', 'is not', null)
    .where('last_seen_at', '<', before)
    .limit(limit)
    .execute();
  return rows.flatMap((row) => (row.connection_id === null ? [] : [{ id: row.id, connectionId: row.connection_id }]));
}

export async function listHosts(db: Executor, orgId: string): Promise<readonly HostRow[]> {
  return db.selectFrom('hosts').selectAll().where('org_id', '=', orgId).orderBy('id').execute();
}
