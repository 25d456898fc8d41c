import { MoleculeError } from '@molecule/contracts';
import pg from 'pg';
import { clientAddress, type DatabaseAddress } from '../connection/database-address.ts';
import { asDatabaseError } from '../connection/database-error.ts';
import { type MigrationFile, readMigrationFiles } from './migration-file.ts';
import { type AppliedMigration, pendingMigrations } from './pending-migrations.ts';

/*
 * Forward-only migrations.
 *
 * Each file runs in one transaction together with its row in `molecule_migrations`, so a crash leaves a migration either whole
 * or absent. A session lock lets one process migrate while others wait; it ends with the session, so a
 * killed process blocks nobody. A file must not end its own transaction (no `commit`, nothing that refuses to run in one).
 */

/** Names the lock; any program that uses the same number on this database waits as well. */
const LOCK_KEY = 6_051_711_999;

export interface MigrateOptions {
  readonly address: DatabaseAddress;
  /** Default: the migrations of this package. */
  readonly directory?: string;
  readonly onApplied?: (migration: { readonly name: string; readonly durationMs: number }) => void;
}

/**
 * Brings the database up to date and gives the names of what ran now. Throws `migration_failed`, `migration_changed`,
 * `data_dir_newer` (the database was made by a newer version), `database_unavailable` and `database_full`.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const files = readMigrationFiles(options.directory);
  const client = new pg.Client({
    ...clientAddress(options.address),
    application_name: 'molecule migrate',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // a loss between two statements shows in the next one
  try {
    await client.connect();
    // Others may take long, and so may a migration.
    await client.query('set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0');
    await client.query('select pg_advisory_lock($1::bigint)', [LOCK_KEY]);
    const pending = pendingMigrations(files, await readApplied(client));
    for (const file of pending) await apply(client, file, options);
    return pending.map((file) => file.name);
  } catch (error) {
    throw asDatabaseError(error) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  await client.query(`
    create table if not exists molecule_migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      duration_ms integer not null
    )`);
  const { rows } = await client.query<AppliedMigration>(
    'select number, name, checksum from molecule_migrations order by number',
  );
  return rows;
}

async function apply(client: pg.Client, file: MigrationFile, { onApplied }: MigrateOptions): Promise<void> {
  const startedAt = performance.now();
  try {
    await client.query('begin');
    const before = await currentTransaction(client);
    await client.query(file.sql);
    if ((await currentTransaction(client)) !== before) throw new Error('it ended its own transaction');
    const durationMs = Math.round(performance.now() - startedAt);
    await client.query(
      'insert into molecule_migrations (number, name, checksum, duration_ms) values ($1, $2, $3, $4)',
      [file.number, file.name, file.checksum, durationMs],
    );
    await client.query('commit');
    onApplied?.({ name: file.name, durationMs });
  } catch (error) {
    await client.query('rollback').catch(() => {});
    const known = asDatabaseError(error);
    if (known !== undefined) throw known;
    throw new MoleculeError('migration_failed', {
      params: { migration: file.name, detail: explain(error) },
      cause: error,
    });
  }
}

async function currentTransaction(client: pg.Client): Promise<unknown> {
  return (await client.query('select pg_current_xact_id()::text as id')).rows[0]?.id;
}

/** PostgreSQL's message, with the place in the file where it gives one. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const position = 'position' in error && typeof error.position === 'string' ? ` (at character ${error.position})` : '';
  return `${error.message}${position}`;
}
