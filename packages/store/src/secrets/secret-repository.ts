import { newId } from '@molecule/contracts';
import { type Selectable, sql } from 'kysely';
import type { Executor } from '../executor.ts';
import type { SecretsTable } from '../model-tables.ts';

export type SecretRow = Selectable<SecretsTable>;

export interface SecretKey {
  readonly orgId: string;
  readonly workspaceId: string | null;
  readonly name: string;
}

/** Seals a value for its row. */
export type SealValue = (row: SecretKey & { readonly id: string }) => {
  readonly sealed: Buffer;
  readonly keyId: string;
};

export async function findSecret(db: Executor, key: SecretKey, lock = false): Promise<SecretRow | undefined> {
  return db
    .selectFrom('secrets')
    .selectAll()
    .where('org_id', '=', key.orgId)
    .where(sql<boolean>`workspace_id is not distinct from ${key.workspaceId}`)
    .where('name', '=', key.name)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
}

/**
 * Stores a value, new or in place of an old one; each time the version rises and the seal is a new one.
 * @param trx a transaction
 */
export async function storeSecret(
  trx: Executor,
  key: SecretKey,
  seal: SealValue,
  by: { readonly actor: string; readonly origin: SecretRow['origin']; readonly now: Date },
): Promise<SecretRow> {
  const before = await findSecret(trx, key, true);
  const id = before?.id ?? newId(by.now.getTime());
  const { sealed, keyId } = seal({ ...key, id });
  const change = { sealed, key_id: keyId, origin: by.origin, updated_at: by.now };
  if (before !== undefined) {
    return trx
      .updateTable('secrets')
      .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }
  return trx
    .insertInto('secrets')
    .values({
      id,
      org_id: key.orgId,
      workspace_id: key.workspaceId,
      name: key.name,
      created_by: by.actor,
      created_at: by.now,
      ...change,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deleteSecret(db: Executor, key: SecretKey): Promise<SecretRow | undefined> {
  return db
    .deleteFrom('secrets')
    .where('org_id', '=', key.orgId)
    .where(sql<boolean>`workspace_id is not distinct from ${key.workspaceId}`)
    .where('name', '=', key.name)
    .returningAll()
    .executeTakeFirst();
}

/** Secrets of the org (`workspaceId` null) or of one workspace, by name. */
export async function listSecrets(
  db: Executor,
  orgId: string,
  workspaceId: string | null,
): Promise<readonly (SecretRow & { readonly grants: string[] })[]> {
  const found = await sql<SecretRow & { grants: string[] }>`
    select s.*, array(select g.workspace_id::text from secret_grants g where g.secret_id = s.id order by 1) as grants
    from secrets s where s.org_id = ${orgId} and s.workspace_id is not distinct from ${workspaceId} order by s.name`.execute(
    db,
  );
  return found.rows;
}

/** What a workspace's box may have: its own, and those of the org that were granted to it; its own one wins over the org's of the same name. */
export async function secretsForBox(db: Executor, workspaceId: string): Promise<readonly SecretRow[]> {
  const found = await sql<SecretRow>`
    select distinct on (s.name) s.* from secrets s join workspaces w on w.id = ${workspaceId} and w.org_id = s.org_id
    where s.workspace_id = w.id or (s.workspace_id is null and exists (select 1 from secret_grants g where g.secret_id = s.id and g.workspace_id = w.id))
    order by s.name, s.workspace_id nulls last`.execute(db);
  return found.rows;
}

/** Secrets by these names that the gateway may use for a workspace: its own, then the org's. */
export async function secretsForGateway(
  db: Executor,
  orgId: string,
  workspaceId: string | null,
  names: readonly string[],
): Promise<readonly SecretRow[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom('secrets')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('name', 'in', [...names])
    .where((eb) =>
      workspaceId === null
        ? eb('workspace_id', 'is', null)
        : eb.or([eb('workspace_id', 'is', null), eb('workspace_id', '=', workspaceId)]),
    )
    .orderBy(sql`workspace_id nulls last`)
    .execute();
}

/** Makes the grants of a secret exactly these. @returns workspaces that gained or lost it */
export async function storeGrants(
  trx: Executor,
  secretId: string,
  workspaceIds: readonly string[],
  actor: string,
): Promise<readonly string[]> {
  const before = await trx
    .selectFrom('secret_grants')
    .select('workspace_id')
    .where('secret_id', '=', secretId)
    .execute();
  const had = new Set(before.map((row) => row.workspace_id));
  const wanted = new Set(workspaceIds);
  const lost = [...had].filter((id) => !wanted.has(id));
  const gained = [...wanted].filter((id) => !had.has(id));
  if (lost.length > 0)
    await trx.deleteFrom('secret_grants').where('secret_id', '=', secretId).where('workspace_id', 'in', lost).execute();
  if (gained.length > 0) {
    await trx
      .insertInto('secret_grants')
      .values(gained.map((id) => ({ secret_id: secretId, workspace_id: id, granted_by: actor })))
      .execute();
  }
  return [...lost, ...gained];
}

/** Secrets that are not sealed with this key, held for this transaction. */
export async function lockSecretsNotUnder(trx: Executor, keyId: string, limit: number): Promise<readonly SecretRow[]> {
  return trx
    .selectFrom('secrets')
    .selectAll()
    .where('key_id', '<>', keyId)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute();
}

/** The same value under another key: version and times stay. */
export async function rewrapSecret(trx: Executor, id: string, sealed: Buffer, keyId: string): Promise<void> {
  await trx.updateTable('secrets').set({ sealed, key_id: keyId }).where('id', '=', id).execute();
}
