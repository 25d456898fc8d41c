import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { HAS_WORK } from '../tasks/may-work.ts';

/** One heartbeat as it is written. */
export interface Beat {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly at: Date;
  /** What changed since the last beat, or null. Written only where it is given. */
  readonly change: { readonly report: Readonly<Record<string, unknown>>; readonly generation: number } | null;
  readonly running: { readonly taskId: string; readonly attempt: number; readonly leaseUntil: Date } | null;
}

/** The row as it is after a beat was written. */
export interface BeatRow {
  readonly workspaceId: string;
  readonly status: string;
  readonly generation: number;
  /** Digest of the stored self report: tells a replica that another one stored something else meanwhile. */
  readonly reportDigest: string;
  readonly work: boolean;
}

export interface FlushedBeats {
  /** Absent = the boot is no longer the present one. */
  readonly rows: ReadonlyMap<string, BeatRow>;
  /** Leases that were renewed, by task: whether somebody asked to cancel. Absent = the lease is lost. */
  readonly leases: ReadonlyMap<string, boolean>;
}

/**
 * Writes any number of heartbeats with one statement, and the leases they renew with another. A beat of a boot that is not the present
 * one writes nothing. Never moves a time backwards.
 */
export async function flushBeats(db: Executor, beats: readonly Beat[]): Promise<FlushedBeats> {
  const rows = await writeBeats(db, beats);
  const leases = await renewLeases(
    db,
    beats.flatMap((beat) => (beat.running === null ? [] : [{ ...beat.running, bootId: beat.bootId }])),
  );
  return { rows, leases };
}

/**
 * The first half of `flushBeats`. Rows are locked in the order of their ids, as everybody does who locks several: batches of two
 * replicas, sweeps and boots cannot wait for each other in a circle.
 */
export async function writeBeats(db: Executor, beats: readonly Beat[]): Promise<ReadonlyMap<string, BeatRow>> {
  const { rows } = await sql<BeatRow>`
    with b as materialized (
      select * from unnest(${beats.map((beat) => beat.workspaceId)}::uuid[], ${beats.map((beat) => beat.bootId)}::uuid[],
        ${beats.map((beat) => beat.at)}::timestamptz[],
        ${beats.map((beat) => (beat.change === null ? null : JSON.stringify(beat.change.report)))}::jsonb[],
        ${beats.map((beat) => beat.change?.generation ?? null)}::bigint[])
        as given(workspace_id, boot_id, at, report, generation)),
    held as materialized (
      select id from workspaces where id = any (${beats.map((beat) => beat.workspaceId)}::uuid[]) order by id for no key update)
    update workspaces w set
      last_heartbeat_at = greatest(w.last_heartbeat_at, b.at),
      self_report = coalesce(b.report, w.self_report),
      applied_generation = coalesce(b.generation, w.applied_generation)
    from held join b on b.workspace_id = held.id
    where w.id = held.id and w.boot_id = b.boot_id and w.status <> 'removed'
    returning w.id as "workspaceId", w.status, w.generation, md5(w.self_report::text) as "reportDigest", ${HAS_WORK} as work`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.workspaceId, row]));
}

export interface RunningAttempt {
  readonly taskId: string;
  readonly attempt: number;
  readonly bootId: string;
  readonly leaseUntil: Date;
}

/** Renews the leases of attempts that still hold them. By task: whether somebody asked to cancel; absent = the lease is lost. */
export async function renewLeases(
  db: Executor,
  running: readonly RunningAttempt[],
): Promise<ReadonlyMap<string, boolean>> {
  if (running.length === 0) return new Map();
  const { rows } = await sql<{ id: string; cancel: boolean }>`
    with held as materialized (
      select id from tasks where id = any (${running.map((item) => item.taskId)}::uuid[]) order by id for no key update)
    update tasks t set lease_until = greatest(t.lease_until, r.lease_until)
    from held join unnest(${running.map((item) => item.taskId)}::uuid[], ${running.map((item) => item.attempt)}::int[],
      ${running.map((item) => item.bootId)}::uuid[], ${running.map((item) => item.leaseUntil)}::timestamptz[])
      as r(task_id, attempt, boot_id, lease_until) on r.task_id = held.id
    where t.id = held.id and t.attempt = r.attempt and t.boot_id = r.boot_id and t.status = 'running'
    returning t.id, t.cancel_requested_at is not null as cancel`.execute(db);
  return new Map(rows.map((row) => [row.id, row.cancel]));
}
