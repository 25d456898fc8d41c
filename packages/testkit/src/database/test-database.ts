import { randomBytes } from 'node:crypto';
import { type Database, type DatabaseAddress, type DB, databaseUrl, openDatabase } from '@molecule/store';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { requestServer, withDatabase } from './server-request.ts';
import { ensureTemplate } from './template-database.ts';

export interface TestDatabase {
  readonly db: Database<DB>;
  /** For `openDatabase` and `migrate`, to open the same database once more. */
  readonly config: { readonly address: DatabaseAddress };
  /** For another process. */
  readonly url: string;
  /** Closes `db` and drops the database. Safe to call twice. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False gives an empty database without our schema. Default true. */
  readonly migrated?: boolean;
}

/**
 * A database of its own on a real server, with our schema (some 30 ms, copied from a template). Called in a test or in its
 * `beforeEach` it is dropped when that test ends; called elsewhere (`beforeAll`), the caller calls `drop`.
 */
export async function testDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await requestServer();
  const name = `molecule_test_${randomBytes(8).toString('hex')}`;
  await asAdmin(server, async (admin) => {
    const template = migrated ? await ensureTemplate(admin, server) : 'template0';
    await sql`create database ${sql.id(name)} template ${sql.id(template)}`.execute(admin.kysely);
  });
  const address = withDatabase(server, name);
  const db = openDatabase<DB>({ address, applicationName: 'molecule test' });
  let dropping: Promise<void> | undefined;
  const drop = (): Promise<void> => {
    dropping ??= db.close().then(() =>
      asAdmin(server, async (admin) => {
        await sql`drop database if exists ${sql.id(name)} with (force)`.execute(admin.kysely);
      }),
    );
    return dropping;
  };
  dropWhenTestEnds(drop);
  return { db, config: { address }, url: databaseUrl(address), drop };
}

async function asAdmin(server: DatabaseAddress, work: (admin: Database<unknown>) => Promise<void>): Promise<void> {
  const admin = openDatabase<unknown>({ address: server, applicationName: 'molecule testkit', maxConnections: 2 });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}

function dropWhenTestEnds(drop: () => Promise<void>): void {
  try {
    onTestFinished(drop);
  } catch {
    // not inside a test: the caller drops it, or it goes with the whole server at the end of the run
  }
}
