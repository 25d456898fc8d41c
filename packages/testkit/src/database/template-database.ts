import { createHash } from 'node:crypto';
import { type Database, type DatabaseAddress, migrate, readMigrationFiles } from '@molecule/store';
import { sql } from 'kysely';
import { withDatabase } from './server-request.ts';

/** One process of the run makes the template, the others wait. */
const TEMPLATE_LOCK = 6_051_712_000;

/**
 * Makes sure that the server has the migrated template, and gives its name. The name is made from the checksums of the
 * migrations, so a changed migration gets a template of its own.
 */
export async function ensureTemplate(admin: Database<unknown>, server: DatabaseAddress): Promise<string> {
  const checksums = readMigrationFiles().map((file) => file.checksum);
  const name = `molecule_template_${createHash('sha256').update(checksums.join()).digest('hex').slice(0, 16)}`;
  if (await isTemplate(admin, name)) return name;
  await admin.kysely.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${TEMPLATE_LOCK}::bigint)`.execute(connection);
    try {
      if (await isTemplate(admin, name)) return;
      await sql`drop database if exists ${sql.id(name)} with (force)`.execute(connection); // half-made by a killed run
      await sql`create database ${sql.id(name)}`.execute(connection);
      await migrate({ address: withDatabase(server, name) });
      // Nobody may be connected to a template while it is copied.
      await sql`alter database ${sql.id(name)} with is_template true allow_connections false`.execute(connection);
    } finally {
      await sql`select pg_advisory_unlock(${TEMPLATE_LOCK}::bigint)`.execute(connection);
    }
  });
  return name;
}

async function isTemplate(admin: Database<unknown>, name: string): Promise<boolean> {
  const found = await sql`select 1 from pg_database where datname = ${name} and datistemplate`.execute(admin.kysely);
  return found.rows.length > 0;
}
