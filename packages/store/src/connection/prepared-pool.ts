import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { asDatabaseError } from './database-error.ts';
import type { StatementNames } from './statement-names.ts';

/**
 * The pool as Kysely sees it. Kysely sends every statement without a name; here the hot ones get theirs.
 * `names` undefined turns that off, for proxies that do not carry prepared statements.
 */
export function preparedPool(pool: pg.Pool, names: StatementNames | undefined): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known !== undefined) return known;
      const wrapped = wrapClient(client, names);
      clients.set(client, wrapped);
      return wrapped;
    },
    end: () => pool.end(),
  };
}

/**
 * True if the connection must not go back to the pool: the server ended it (its socket may look open for another moment, and the next
 * user would get it), or a migration changed a table that its prepared statements use.
 */
function isSpent(error: unknown): boolean {
  if (asDatabaseError(error)?.code === 'database_unavailable') return true;
  return error instanceof Error && /cached plan must not change result type/.test(error.message);
}

/** The client library gave up waiting for the server's answer; the statement still holds the connection. */
function isHung(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

function wrapClient(client: pg.PoolClient, names: StatementNames | undefined): PostgresPoolClient {
  let discard = false;
  let hung: unknown;
  async function run(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    const name = parameters.length > 0 ? names?.nameFor(text) : undefined;
    const values = [...parameters];
    // What comes after on this connection, a rollback above all, would wait as long once more.
    if (hung !== undefined) throw hung;
    try {
      return await client.query(name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      discard ||= isSpent(error);
      if (isHung(error)) hung = error;
      throw error;
    }
  }
  function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query<R>(statement: string | PostgresCursor<R>, parameters: readonly unknown[] = []): unknown {
    if (typeof statement !== 'string') throw new TypeError('Cursors are not used here: page through the rows instead.');
    return run(statement, parameters);
  }
  return {
    query,
    release: (destroy) => client.release(destroy === true || discard),
  };
}
