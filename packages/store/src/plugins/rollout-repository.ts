import { newId } from '@molecule/contracts';
import type { Insertable, Selectable } from 'kysely';
import type { Executor } from '../executor.ts';
import type { RolloutStepsTable, RolloutsTable } from '../rollout-tables.ts';

export type RolloutRow = Selectable<RolloutsTable>;
export type RolloutStepRow = Selectable<RolloutStepsTable>;

/** Keeps a plan; an older plan of the same subject is discarded. Refused by the database while one of it is under way. */
export async function insertRollout(
  trx: Executor,
  rollout: Pick<
    Insertable<RolloutsTable>,
    'org_id' | 'subject' | 'name' | 'plan' | 'canary' | 'rest' | 'soak_seconds' | 'created_by'
  >,
  now: Date,
): Promise<RolloutRow> {
  const same = trx
    .updateTable('rollouts')
    .set({ state: 'discarded', reason: 'a newer plan', updated_at: now })
    .where('org_id', '=', rollout.org_id)
    .where('subject', '=', rollout.subject)
    .where('name', '=', rollout.name);
  await same.where('state', '=', 'planned').execute();
  return trx
    .insertInto('rollouts')
    .values({ ...rollout, id: newId(now.getTime()) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Newest first. */
export async function listRollouts(db: Executor, orgId: string, limit = 100): Promise<readonly RolloutRow[]> {
  return db.selectFrom('rollouts').selectAll().where('org_id', '=', orgId).orderBy('id', 'desc').limit(limit).execute();
}

export async function lockRollout(trx: Executor, orgId: string, id: string): Promise<RolloutRow | undefined> {
  return trx
    .selectFrom('rollouts')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** Rollouts under way; held, so that two replicas do not judge the same. */
export async function runningRollouts(trx: Executor): Promise<readonly RolloutRow[]> {
  return trx
    .selectFrom('rollouts')
    .selectAll()
    .where('state', 'in', ['canary', 'rest'])
    .orderBy('id')
    .forUpdate()
    .skipLocked()
    .execute();
}

export async function updateRollout(
  trx: Executor,
  id: string,
  set: Partial<Pick<RolloutRow, 'state' | 'reason' | 'well_since' | 'wave_at'>>,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('rollouts')
    .set({ ...set, updated_at: now })
    .where('id', '=', id)
    .execute();
}

/** What a workspace had before the rollout reached it, and the generation that carries the change. */
export async function keepRolloutStep(
  trx: Executor,
  step: {
    readonly rolloutId: string;
    readonly workspaceId: string;
    readonly before: Readonly<Record<string, unknown>>;
    readonly generation: number;
  },
): Promise<void> {
  await trx
    .insertInto('rollout_steps')
    .values({
      rollout_id: step.rolloutId,
      workspace_id: step.workspaceId,
      before: JSON.stringify(step.before),
      generation: step.generation,
    })
    .execute();
}

export async function rolloutSteps(db: Executor, rolloutId: string): Promise<readonly RolloutStepRow[]> {
  return db
    .selectFrom('rollout_steps')
    .selectAll()
    .where('rollout_id', '=', rolloutId)
    .orderBy('workspace_id')
    .execute();
}
