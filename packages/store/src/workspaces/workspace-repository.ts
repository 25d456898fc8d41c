import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { WorkspacesTable } from '../schema.ts';

export type WorkspaceRow = Selectable<WorkspacesTable>;

export interface NewWorkspace {
  readonly id: string;
  readonly orgId: string;
  readonly name: string;
  readonly kind: 'workspace' | 'platform';
  readonly parentId: string | null;
  readonly runtime: string;
  readonly template: string | null;
  readonly role: string | null;
  readonly model: string | null;
  /** Who chose the model; a customer unless it is said. */
  readonly modelOrigin?: 'customer' | 'platform';
  readonly createdBy: string;
}

/** Inserts the row in `provisioning`; a taken name, a second concierge or a foreign parent is refused by the database. */
export async function insertWorkspace(db: Executor, workspace: NewWorkspace): Promise<WorkspaceRow> {
  return db
    .insertInto('workspaces')
    .values({
      id: workspace.id,
      org_id: workspace.orgId,
      name: workspace.name,
      kind: workspace.kind,
      parent_id: workspace.parentId,
      runtime: workspace.runtime,
      template: workspace.template,
      role: workspace.role,
      model: workspace.model,
      model_origin: workspace.model === null ? null : (workspace.modelOrigin ?? 'customer'),
      created_by: workspace.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** A workspace of the org by id, removed ones too; undefined when there is none. */
export async function findWorkspace(db: Executor, orgId: string, id: string): Promise<WorkspaceRow | undefined> {
  return db.selectFrom('workspaces').selectAll().where('org_id', '=', orgId).where('id', '=', id).executeTakeFirst();
}

/** The living workspace of that name, whatever its case. */
export async function findWorkspaceByName(
  db: Executor,
  orgId: string,
  name: string,
): Promise<WorkspaceRow | undefined> {
  return db
    .selectFrom('workspaces')
    .selectAll()
    .where('org_id', '=', orgId)
    .where(sql<boolean>`lower(name) = lower(${name})`)
    .where('status', '<>', 'removed')
    .executeTakeFirst();
}

/**
 * Reads the row and holds it until the transaction ends, so that a decision about it stays true. Rows that refer to it can be
 * written meanwhile: who holds a task and creates a child of the concierge must not wait for who holds the concierge and renews that task.
 */
export async function lockWorkspace(db: Executor, id: string): Promise<WorkspaceRow | undefined> {
  return db.selectFrom('workspaces').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

export async function findConcierge(db: Executor, orgId: string): Promise<WorkspaceRow | undefined> {
  return db
    .selectFrom('workspaces')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('kind', '=', 'platform')
    .executeTakeFirst();
}

export interface WorkspaceListQuery {
  readonly orgId: string;
  readonly after?: string;
  readonly limit: number;
  readonly kind?: 'workspace' | 'platform';
  readonly parentId?: string;
}

/** Living workspaces in the order of their ids (time of creation). */
export async function listWorkspaces(db: Executor, query: WorkspaceListQuery): Promise<readonly WorkspaceRow[]> {
  return db
    .selectFrom('workspaces')
    .selectAll()
    .where('org_id', '=', query.orgId)
    .where('status', '<>', 'removed')
    .$if(query.after !== undefined, (q) => q.where('id', '>', query.after ?? ''))
    .$if(query.kind !== undefined, (q) => q.where('kind', '=', query.kind ?? 'workspace'))
    .$if(query.parentId !== undefined, (q) => q.where('parent_id', '=', query.parentId ?? ''))
    .orderBy('id')
    .limit(query.limit)
    .execute();
}

/** Says that the desired state of the workspace changed; boxes learn of it with their next heartbeat. */
export async function bumpGeneration(db: Executor, id: string): Promise<void> {
  await db
    .updateTable('workspaces')
    .set((eb) => ({ generation: eb('generation', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** The same, and gives the new generation. */
export async function raiseGeneration(db: Executor, id: string): Promise<number> {
  const row = await db
    .updateTable('workspaces')
    .set((eb) => ({ generation: eb('generation', '+', 1) }))
    .where('id', '=', id)
    .returning('generation')
    .executeTakeFirstOrThrow();
  return row.generation;
}
