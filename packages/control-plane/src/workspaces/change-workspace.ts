import { type ChangeWorkspace, MoleculeError } from '@molecule/contracts';
import {
  appendAudit,
  appendEvents,
  type Executor,
  findConcierge,
  findWorkspace,
  findWorkspaceByName,
  lockWorkspace,
  raiseGeneration,
  requestBoot,
  type WorkspaceRow,
} from '@molecule/store';
import { sql } from 'kysely';
import { violatedConstraint } from '../kernel/violated-constraint.ts';
import { checkRuntime } from './runtime-check.ts';

type Field = 'name' | 'parent' | 'runtime';
const COLUMN = { name: 'name', parent: 'parent_id', runtime: 'runtime' } as const satisfies Record<Field, string>;
const SEEN_AS = { name: 'name', parent: 'parentId', runtime: 'runtime' } as const satisfies Record<Field, string>;

/**
 * Changes name, place or runtime of a workspace: all that is asked or nothing, with one event and one audit entry. A field whose `seen`
 * value is not the present one is refused, so that of two people who change the same thing the second one is told. A new runtime gets a
 * new box; one that is paused takes it up when it is resumed.
 * @param trx a transaction
 * @returns what was changed, from what to what; empty when everything was so already
 * @throws MoleculeError `edit_conflict`, `workspace_removed`, `workspace_name_taken`, `parent_not_found`, `workspace_cycle`,
 * `concierge_protected`, `runtime_unknown`, `runtime_unavailable`
 */
export async function changeWorkspace(
  trx: Executor,
  id: string,
  input: ChangeWorkspace,
  deed: { readonly orgId: string; readonly actor: string },
  now: Date,
): Promise<Readonly<Partial<Record<Field, readonly [from: string | null, to: string | null]>>>> {
  // Two moves at once, each harmless, could make a ring together: moves of one org go one after the other.
  if (input.parentId !== undefined)
    await sql`select pg_advisory_xact_lock(hashtextextended('molecule.tree.' || ${deed.orgId}, 0))`.execute(trx);
  const row = await lockWorkspace(trx, id);
  if (row === undefined || row.org_id !== deed.orgId)
    throw new MoleculeError('workspace_not_found', { params: { workspace: id } });
  if (row.status === 'removed') throw new MoleculeError('workspace_removed');
  const root = (await findConcierge(trx, deed.orgId))?.id ?? null;
  const wanted: Partial<Record<Field, string | null>> = {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.parentId === undefined ? {} : { parent: row.id === root ? input.parentId : (input.parentId ?? root) }),
    ...(input.runtime === undefined ? {} : { runtime: input.runtime }),
  };
  for (const field of Object.keys(COLUMN) as Field[]) await checkSeen(trx, row, field, input, root);
  const changed = Object.fromEntries(
    (Object.keys(wanted) as Field[]) // keys of an object literal of this type
      .filter((field) => wanted[field] !== row[COLUMN[field]])
      .map((field) => [field, [row[COLUMN[field]], wanted[field] ?? null] as const]),
  ) as Partial<Record<Field, readonly [string | null, string | null]>>; // built from the fields above
  if (Object.keys(changed).length === 0) return {};

  if (changed.name !== undefined) await checkName(trx, row, String(wanted.name));
  if (changed.parent !== undefined) await checkPlace(trx, row, wanted.parent ?? null);
  if (changed.runtime !== undefined) await checkRuntime(trx, deed.orgId, String(wanted.runtime), row.host_id);
  await trx
    .updateTable('workspaces')
    .set({
      ...(changed.name === undefined ? {} : { name: String(wanted.name) }),
      ...(changed.parent === undefined ? {} : { parent_id: wanted.parent ?? null }),
      ...(changed.runtime === undefined ? {} : { runtime: String(wanted.runtime) }),
    })
    .where('id', '=', row.id)
    .execute()
    .catch((error: unknown) => {
      // Two at once with the same name: the index decides.
      if (violatedConstraint(error) === 'workspaces_name')
        throw new MoleculeError('workspace_name_taken', {
          params: { name: String(wanted.name), workspaceId: 'another request took it' },
        });
      throw error;
    });
  if (changed.runtime !== undefined) {
    const cause = {
      reason: 'runtime_switched',
      message: `The runtime changes to ${wanted.runtime}.`,
      actor: deed.actor,
    };
    await requestBoot(trx, row.id, 'restart', { ...cause, now });
  }
  // Name and runtime are part of what a box is told; its place is not.
  const generation =
    changed.name === undefined && changed.runtime === undefined ? row.generation : await raiseGeneration(trx, row.id);
  await appendEvents(trx, [
    {
      orgId: deed.orgId,
      workspaceId: row.id,
      type: 'workspace.updated',
      actor: deed.actor,
      data: { generation, changed },
    },
  ]);
  await appendAudit(
    trx,
    { orgId: deed.orgId, actor: deed.actor, action: 'workspace.change', target: row.id, data: { changed } },
    now,
  );
  return changed;
}

async function checkSeen(
  trx: Executor,
  row: WorkspaceRow,
  field: Field,
  { seen }: ChangeWorkspace,
  root: string | null,
): Promise<void> {
  const before = seen?.[SEEN_AS[field]];
  const present = row[COLUMN[field]];
  if (before === undefined || (field === 'parent' ? (before ?? root) : before) === present) return;
  const shown =
    field === 'parent' && present !== null ? (await findWorkspace(trx, row.org_id, present))?.name : present;
  throw new MoleculeError('edit_conflict', { params: { field, present: shown ?? 'none' } });
}

async function checkName(trx: Executor, row: WorkspaceRow, name: string): Promise<void> {
  const taken = await findWorkspaceByName(trx, row.org_id, name);
  if (taken !== undefined && taken.id !== row.id)
    throw new MoleculeError('workspace_name_taken', { params: { name, workspaceId: taken.id } });
}

async function checkPlace(trx: Executor, row: WorkspaceRow, parentId: string | null): Promise<void> {
  if (row.kind === 'platform') throw new MoleculeError('concierge_protected', { params: { event: 'moved' } });
  if (parentId === null) return;
  const parent = await findWorkspace(trx, row.org_id, parentId);
  if (parent === undefined || parent.status === 'removed')
    throw new MoleculeError('parent_not_found', { params: { parent: parentId } });
  const above = await sql<{ readonly id: string }>`
    with recursive line as (
      select id, parent_id, 1 as depth from workspaces where id = ${parentId}::uuid
      union all
      select up.id, up.parent_id, line.depth + 1 from workspaces up join line on up.id = line.parent_id where line.depth < 1000
    ) select id from line`.execute(trx);
  if (above.rows.some(({ id }) => id === row.id))
    throw new MoleculeError('workspace_cycle', { params: { workspace: row.name, parent: parent.name } });
}
