/** What a managed server's `postgresql.conf` depends on. */
export interface ServerConfiguration {
  readonly major: number;
  readonly socketDirectory: string;
  /** Settings that come last and win, e.g. a person's tuning. Names are PostgreSQL's own. */
  readonly overrides?: Readonly<Record<string, string>>;
}

/**
 * The whole `postgresql.conf` of a managed server, written anew at each start. Sized for an installation that is idle most of
 * the time (stack.md 2.2: near 30 MiB): few processes, small shared memory, seldom wake-ups. What makes committed data
 * durable (fsync, full_page_writes, synchronous_commit) stays at PostgreSQL's safe values.
 */
export function renderServerConfiguration({ major, socketDirectory, overrides = {} }: ServerConfiguration): string {
  const settings: Record<string, string> = {
    // Unix socket only. The bundled OpenSSL is an old one, and nothing here should be reachable from outside.
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    port: String(SOCKET_PORT),
    ssl: 'off',
    password_encryption: 'scram-sha-256',
    cluster_name: 'molecule',

    max_connections: '60',
    shared_buffers: '32MB',
    huge_pages: 'off',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    max_worker_processes: '4',
    max_parallel_workers: '2',
    max_parallel_workers_per_gather: '0',
    // No logical replication: its launcher process would only sit there.
    max_logical_replication_workers: '0',
    wal_level: 'replica',
    max_wal_senders: '2',
    jit: 'off',

    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    checkpoint_timeout: '15min',
    max_wal_size: '512MB',
    min_wal_size: '48MB',
    wal_buffers: '1MB',
    autovacuum: 'on',
    autovacuum_naptime: '3min',
    autovacuum_max_workers: '2',

    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    // Errors of statements are answers to the client. In the log they would only grow it, and could hold contents.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
  };
  // PostgreSQL 18 keeps three I/O worker processes otherwise.
  if (major >= 18) settings['io_method'] = 'sync';
  // The password is 256 random bits: stretching it would only make each connection slower.
  if (major >= 16) settings['scram_iterations'] = '1';

  const lines = Object.entries({ ...settings, ...overrides }).map(([name, value]) => `${name} = ${quote(value)}`);
  return `# Written by Molecule at each start of the server. Changes made here are lost.\n${lines.join('\n')}\n`;
}

/** Only names the socket file (`.s.PGSQL.5432`); no TCP port is opened. */
export const SOCKET_PORT = 5432;

function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
