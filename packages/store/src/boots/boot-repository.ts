import { newId } from '@molecule/contracts';
import { type LifecycleEvent, wantsBox } from '@molecule/domain';
import { sql } from 'kysely';
import { appendEvents } from '../events/append-events.ts';
import type { Executor } from '../executor.ts';
import { newTokenValue } from '../tokens/token-value.ts';
import type { WorkspaceRow } from '../workspaces/workspace-repository.ts';
import {
  applyTransition,
  type TransitionCause,
  type TransitionOutcome,
} from '../workspaces-status/apply-transition.ts';

/** An enrolment token that nobody used dies after this long; a reconnect of the host makes a new boot anyway. */
const ENROLMENT_TOKEN_LIFE_MS = 15 * 60_000;
/** A restart of a host takes less than this. */
const HOST_GONE_MS = 60_000;

/**
 * Says that the workspace needs a new box: any earlier boot is void from now on (`boot_superseded`), and whichever host is
 * responsible gives it a boot as soon as it sees the event. `event` is what happened to the workspace: `restart`, `resume` or `wake`.
 */
export async function requestBoot(
  trx: Executor,
  workspaceId: string,
  event: Extract<LifecycleEvent, 'restart' | 'resume' | 'wake'>,
  cause: TransitionCause,
): Promise<TransitionOutcome> {
  const outcome = await applyTransition(trx, workspaceId, event, cause);
  if (!outcome.ok) return outcome;
  const row = await trx
    .updateTable('workspaces')
    .set({ boot_id: null })
    .where('id', '=', workspaceId)
    .returning('org_id')
    .executeTakeFirstOrThrow();
  // Somebody wants it to run now: it does not wait for a host that has gone.
  await releaseFromLostHosts(trx, row.org_id, new Date(cause.now.getTime() - HOST_GONE_MS), workspaceId);
  if (!outcome.changed) {
    // A restart while it waits for its box changes no status, but the host must hear of it all the same.
    await appendEvents(trx, [
      { orgId: row.org_id, workspaceId, type: 'workspace.updated', actor: cause.actor, data: { bootWanted: true } },
    ]);
  }
  return outcome;
}

/**
 * Lets go of workspaces whose host has not been connected since a time, so that another host may take them; their files stay where
 * they are. Returns how many.
 */
export async function releaseFromLostHosts(
  trx: Executor,
  orgId: string,
  lastSeenBefore: Date,
  only?: string,
): Promise<number> {
  const released = await sql<{ id: string }>`
    update workspaces w set host_id = null from hosts h
    where h.id = w.host_id and w.org_id = ${orgId} and h.connection_id is null and h.last_seen_at < ${lastSeenBefore}
      and w.status not in ('removed', 'paused', 'hibernated') and (${only ?? null}::uuid is null or w.id = ${only ?? null}::uuid)
    returning w.id`.execute(trx);
  return released.rows.length;
}

export interface AssignedBoot {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly runtime: string;
  readonly enrolmentToken: string;
}

/**
 * Gives new boots to those of the workspaces that want a box and, unless `replaceBoots` names their present boot, have none. Each
 * gets a one-time enrolment token bound to row and boot; earlier ones of that workspace are revoked. What the last box said of
 * itself is forgotten.
 * @param trx a transaction of the replica that holds the host's stream: the tokens go out on it and are nowhere else
 * @param replace workspaces whose present boot is known not to run
 */
export async function assignBoots(
  trx: Executor,
  host: { readonly id: string; readonly orgId: string },
  workspaceIds: readonly string[],
  replace: ReadonlyMap<string, string | null>,
  now: Date,
): Promise<readonly AssignedBoot[]> {
  if (workspaceIds.length === 0) return [];
  const rows = await trx
    .selectFrom('workspaces')
    .selectAll()
    .where('org_id', '=', host.orgId)
    .where('id', 'in', [...workspaceIds])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  const due = rows.filter(
    (row) =>
      wantsBox(row.status) &&
      (row.host_id === null || row.host_id === host.id) &&
      (row.boot_id === null || replace.get(row.id) === row.boot_id),
  );
  if (due.length === 0) return [];
  const boots = due.map((row) => ({ row, bootId: newId(now.getTime()), token: newTokenValue('enrolment') }));
  for (const { row, bootId } of boots) {
    await applyTransition(trx, row.id, 'boot_assigned', { reason: null, actor: `host:${host.id}`, now });
    await resetForBoot(trx, row, host.id, bootId, now);
  }
  await trx
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where(
      'workspace_id',
      'in',
      due.map((row) => row.id),
    )
    .where('kind', '=', 'enrolment')
    .where('revoked_at', 'is', null)
    .execute();
  await trx
    .insertInto('tokens')
    .values(
      boots.map(({ row, bootId, token }) => ({
        id: newId(now.getTime()),
        org_id: row.org_id,
        name: `enrolment of ${row.name}`,
        kind: 'enrolment' as const,
        hash: token.hash,
        preview: token.preview,
        scopes: ['box:enrol'],
        workspace_id: row.id,
        workspace_kind: row.kind,
        boot_id: bootId,
        expires_at: new Date(now.getTime() + ENROLMENT_TOKEN_LIFE_MS),
        user_id: null,
        last_used_at: null,
        used_at: null,
        revoked_at: null,
      })),
    )
    .execute();
  return boots.map(({ row, bootId, token }) => ({
    workspaceId: row.id,
    bootId,
    runtime: row.runtime,
    enrolmentToken: token.value,
  }));
}

async function resetForBoot(
  trx: Executor,
  row: WorkspaceRow,
  hostId: string,
  bootId: string,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('workspaces')
    .set({
      host_id: hostId,
      boot_id: bootId,
      boot_started_at: now,
      boot_enrolled_at: null,
      registered_at: null,
      self_report: '{}',
      isolation: null,
      applied_generation: null,
      mcp_missing_since: null,
      last_repair_at: null,
      last_heartbeat_at: null,
    })
    .where('id', '=', row.id)
    .execute();
}

/** Notes that the box of the present boot enrolled; proofs and nonces of earlier boots go. */
export async function noteEnrolment(trx: Executor, workspaceId: string, bootId: string, now: Date): Promise<void> {
  await trx
    .updateTable('workspaces')
    .set({ boot_enrolled_at: now, last_heartbeat_at: now })
    .where('id', '=', workspaceId)
    .execute();
  await trx.deleteFrom('proofs').where('workspace_id', '=', workspaceId).where('boot_id', '<>', bootId).execute();
  await trx.deleteFrom('proof_nonces').where('workspace_id', '=', workspaceId).where('boot_id', '<>', bootId).execute();
}

/** Revokes the tokens of earlier boots and announces it, so that every replica forgets them at once (B43). */
export async function revokeEarlierBoots(
  trx: Executor,
  row: Pick<WorkspaceRow, 'id' | 'org_id'>,
  bootId: string,
  now: Date,
): Promise<void> {
  const revoked = await trx
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('workspace_id', '=', row.id)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`boot_id is distinct from ${bootId}`)
    .returning('id')
    .execute();
  if (revoked.length > 0) {
    await appendEvents(trx, [
      {
        orgId: row.org_id,
        workspaceId: row.id,
        type: 'token.revoked',
        actor: 'system',
        data: { workspaceId: row.id, bootsBefore: bootId },
      },
    ]);
  }
}
