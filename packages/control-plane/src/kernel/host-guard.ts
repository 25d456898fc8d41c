import type { IncomingHttpHeaders } from 'node:http';
import { MoleculeError } from '@molecule/contracts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Refuses requests addressed to a name that is not ours, and cross-site requests of browsers: a page on another site must
 * not reach a server on loopback by DNS rebinding.
 */
export function checkHost(headers: IncomingHttpHeaders, allowedHosts: readonly string[]): void {
  const host = headers.host;
  if (host !== undefined && !isAllowed(nameOf(host), allowedHosts))
    throw new MoleculeError('host_not_allowed', { params: { value: host.slice(0, 200) } });
  const origin = headers.origin;
  if (typeof origin === 'string' && origin !== 'null') {
    const parsed = URL.canParse(origin) ? new URL(origin).hostname : origin;
    if (!isAllowed(parsed, allowedHosts))
      throw new MoleculeError('host_not_allowed', { params: { value: origin.slice(0, 200) } });
  } else if (origin === 'null') {
    throw new MoleculeError('host_not_allowed', { params: { value: 'null' } });
  }
}

function isAllowed(name: string, allowedHosts: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return (
    LOOPBACK.has(lower) ||
    (lower.startsWith('127.') && /^127(\.\d{1,3}){3}$/.test(lower)) ||
    allowedHosts.includes(lower)
  );
}

function nameOf(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':', 1)[0] ?? host);
}
