import { randomBytes } from 'node:crypto';
import { newId } from '@molecule/contracts';
import { testDatabase } from '@molecule/testkit/database';
import { sql } from 'kysely';
import type { Database, DB, Executor } from '../src/index.ts';

export interface SomeOrg {
  readonly db: Executor;
  readonly database: Database<DB>;
  readonly orgId: string;
  /** Inserts a row by raw SQL; what is not given gets a plain legal value. */
  workspace(values?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** A new database with one org. */
export async function someOrg(): Promise<SomeOrg> {
  const { db: database } = await testDatabase();
  const db = database.kysely;
  const orgId = newId();
  await db.insertInto('orgs').values({ id: orgId, name: 'Org' }).execute();
  return {
    db,
    database,
    orgId,
    workspace: async (values = {}) => {
      const row = {
        id: newId(),
        org_id: orgId,
        name: `w-${randomBytes(4).toString('hex')}`,
        runtime: 'test-runtime',
        created_by: 'test',
        ...values,
      };
      await insert(db, 'workspaces', row);
      return row.id;
    },
  };
}

/** A row as anybody with a connection could write it. */
export async function insert(db: Executor, table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const names = sql.join(Object.keys(row).map((name) => sql.id(name)));
  await sql`insert into ${sql.table(table)} (${names}) values (${sql.join(Object.values(row))})`.execute(db);
}
