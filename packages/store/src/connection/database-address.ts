import type { ServerConnection } from '../managed/server-login.ts';

/** Where a database is: the managed server's parts, or a URL for one's own (`--database-url`). May hold a password. */
export type DatabaseAddress = ServerConnection | { readonly url: string };

/** The address in the form that the PostgreSQL client takes. */
export function clientAddress(address: DatabaseAddress): { connectionString: string } | ServerConnection {
  return 'url' in address ? { connectionString: address.url } : address;
}

/** The address as a URL, for other programs. A socket directory is a parameter, since it cannot be a host name. */
export function databaseUrl(address: DatabaseAddress): string {
  if ('url' in address) return address.url;
  const { host, port, user, password, database } = address;
  const part = encodeURIComponent;
  return `postgresql://${part(user)}:${part(password)}@/${part(database)}?host=${part(host)}&port=${port}`;
}
