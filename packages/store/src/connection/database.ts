import { type IsolationLevel, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { clientAddress, type DatabaseAddress } from './database-address.ts';
import { NotificationListener, type Subscription } from './notification-listener.ts';
import { preparedPool } from './prepared-pool.ts';
import { StatementNames } from './statement-names.ts';
import { VALUE_PARSERS } from './value-parsers.ts';

export interface DatabaseOptions {
  readonly address: DatabaseAddress;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Most connections for statements; listening takes one more. Default 10. */
  readonly maxConnections?: number;
  /** A statement that takes longer is ended by the server. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** Without any answer to a statement for so long, the server counts as hung: `database_unavailable`. Default: 5 s more than the statement may take. */
  readonly answerTimeoutMs?: number;
  /** Default true. Turn off behind a proxy that does not carry prepared statements from one transaction to the next. */
  readonly prepareStatements?: boolean;
  /** Told of connections that broke while nobody used them, and of losses of the listening one. */
  readonly onConnectionLoss?: (error: Error) => void;
}

/** An open database: a pool of connections, and one connection for notifications when somebody listens. */
export interface Database<DB> {
  readonly kysely: Kysely<DB>;
  /** Runs `work` in one transaction. It commits when `work` resolves and rolls back when it rejects. Not retried. */
  withTransaction<T>(work: (transaction: Transaction<DB>) => Promise<T>, isolation?: IsolationLevel): Promise<T>;
  /**
   * Hears NOTIFY on a channel. `onReconnect` is called after each gap, in which notifications may have been lost: read again
   * then. Resolves when the server listens.
   */
  listen(channel: string, onPayload: (payload: string) => void, onReconnect: () => void): Promise<Subscription>;
  /** Waits for the statements under way, then closes every connection. New statements are refused from now on. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_CONNECTION_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** The server ends a statement itself, if it is still able to. */
const ANSWER_GRACE_MS = 5_000;
/** A transaction that its owner forgot would hold locks and keep vacuum from its work. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Opens the database; the one place where connections are made, so that values, limits and error listeners are the same on each. No
 * connection is made before the first statement.
 */
export function openDatabase<DB>(options: DatabaseOptions): Database<DB> {
  const onLoss = options.onConnectionLoss ?? (() => {});
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const client: pg.ClientConfig = {
    ...clientAddress(options.address),
    application_name: options.applicationName ?? 'molecule',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: VALUE_PARSERS,
  };
  const pool = new pg.Pool({
    ...client,
    max: options.maxConnections ?? 10,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: options.answerTimeoutMs ?? statementTimeoutMs + ANSWER_GRACE_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
  });
  // Without a listener, a connection that breaks would end this process: idle ones report to the pool, others to themselves.
  pool.on('error', onLoss);
  pool.on('connect', (connection) => connection.on('error', () => {}));

  const names = options.prepareStatements === false ? undefined : new StatementNames();
  const kysely = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: preparedPool(pool, names), controlClient: pg.Client }),
  });
  const listener = new NotificationListener({ client, onLoss });
  let closing: Promise<void> | undefined;

  return {
    kysely,
    withTransaction: (work, isolation) => {
      const transaction = kysely.transaction();
      return (isolation === undefined ? transaction : transaction.setIsolationLevel(isolation)).execute(work);
    },
    listen: (channel, onPayload, onReconnect) => listener.listen(channel, onPayload, onReconnect),
    close: () => {
      closing ??= (async () => {
        await listener.close();
        await kysely.destroy();
        if (!pool.ended) await pool.end(); // Kysely leaves a pool alone that it never used
      })();
      return closing;
    },
  };
}
