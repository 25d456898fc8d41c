import { sql } from 'kysely';
import type { Executor } from '../executor.ts';

/** Lets every workspace of a kind stay at a version of a protected plugin; one that stays at an even older one already goes on so. */
export async function holdEverywhere(
  trx: Executor,
  plugin: { readonly name: string; readonly artifact: string; readonly kinds: readonly string[] },
): Promise<void> {
  await sql`
    insert into held_plugins (workspace_id, workspace_kind, name, privileged, artifact)
    select w.id, w.kind, ${plugin.name}, a.privileged, a.digest from workspaces w, artifacts a
    where w.status <> 'removed' and w.kind = any(${[...plugin.kinds]}::text[]) and a.digest = ${plugin.artifact}
    on conflict do nothing`.execute(trx);
}

/** Lets one workspace stay at a version. The schema refuses a privileged one where it may not be (B28). */
export async function holdPlugin(trx: Executor, workspaceId: string, name: string, artifact: string): Promise<void> {
  await sql`
    insert into held_plugins (workspace_id, workspace_kind, name, privileged, artifact)
    select w.id, w.kind, ${name}, a.privileged, a.digest from workspaces w, artifacts a where w.id = ${workspaceId} and a.digest = ${artifact}
    on conflict (workspace_id, name) do update set artifact = excluded.artifact, privileged = excluded.privileged`.execute(
    trx,
  );
}

/** Gives a workspace the version that Molecule brings. */
export async function releasePlugin(trx: Executor, workspaceId: string, name: string): Promise<void> {
  await trx.deleteFrom('held_plugins').where('workspace_id', '=', workspaceId).where('name', '=', name).execute();
}

export interface HeldInOrg {
  readonly orgId: string;
  readonly name: string;
}

/** Which protected plugins are held at an older version, by org. */
export async function heldByOrg(db: Executor): Promise<readonly HeldInOrg[]> {
  const found = await sql<HeldInOrg>`
    select distinct w.org_id as "orgId", h.name from held_plugins h join workspaces w on w.id = h.workspace_id where w.status <> 'removed' order by 1, 2`.execute(
    db,
  );
  return found.rows;
}
