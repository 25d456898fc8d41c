import { hash, randomBytes } from 'node:crypto';
import type { TokenKind } from '@molecule/contracts';

/** Short mark after the prefix, so that a person and a secret scanner see what a found token is. */
const KIND_MARK: Record<TokenKind, string> = {
  owner: 'own',
  person: 'pat',
  box: 'box',
  management: 'mgt',
  host: 'hst',
  enrolment: 'enr',
  session: 'ses',
  sign_in: 'sgn',
};

export interface TokenValue {
  /** The secret itself: `mol_<kind>_<43 characters>`; 256 random bits. Given out once, never stored. */
  readonly value: string;
  readonly hash: Buffer;
  readonly preview: string;
}

export function newTokenValue(kind: TokenKind): TokenValue {
  const value = `mol_${KIND_MARK[kind]}_${randomBytes(32).toString('base64url')}`;
  return { value, hash: hashToken(value), preview: `${value.slice(0, 12)}…` };
}

/** SHA-256 is right for a value of 256 random bits; a slow hash would only slow every request. */
export function hashToken(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}
