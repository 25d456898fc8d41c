import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { MoleculeError } from '@molecule/contracts';

export const SESSION_COOKIE = 'molecule_session';
/** Readable by our page, which repeats it in this header on every change (double submit). */
export const CSRF_COOKIE = 'molecule_csrf';
export const CSRF_HEADER = 'x-molecule-csrf';
export const SESSION_LIFE_MS = 14 * 24 * 3600_000;

/** Value of one cookie, or undefined. */
export function readCookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of (headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The CSRF value of a session: derived, so that nothing more has to be stored. */
export function csrfOf(session: string): string {
  return createHash('sha256').update(`csrf:${session}`).digest('base64url');
}

/** A cookie is sent by the browser whoever made the request, so a change must also carry what only our own page can read. @throws MoleculeError `csrf_failed` */
export function checkCsrf(method: string, headers: IncomingHttpHeaders, session: string): void {
  if (method === 'GET' || method === 'HEAD') return;
  if (headers[CSRF_HEADER] !== csrfOf(session)) throw new MoleculeError('csrf_failed');
}

export function sessionCookies(session: string, secure: boolean): readonly string[] {
  const tail = `; Path=/; SameSite=Strict; Max-Age=${SESSION_LIFE_MS / 1000}${secure ? '; Secure' : ''}`;
  return [`${SESSION_COOKIE}=${session}; HttpOnly${tail}`, `${CSRF_COOKIE}=${csrfOf(session)}${tail}`];
}

export function endedCookies(): readonly string[] {
  return [SESSION_COOKIE, CSRF_COOKIE].map((name) => `${name}=; Path=/; SameSite=Strict; Max-Age=0`);
}
