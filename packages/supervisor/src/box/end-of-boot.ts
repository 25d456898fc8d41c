import { isMoleculeError } from '@molecule/contracts';

const CODES: ReadonlySet<string> = new Set([
  'boot_superseded',
  'token_revoked',
  'token_invalid',
  'token_expired',
  'token_other_workspace',
  'workspace_removed',
  'workspace_not_found',
  'kind_forbidden',
]);

/** Refusals after which this boot has no business any more: another one has taken its place, or the workspace is gone. */
export function isEndOfBoot(error: unknown): boolean {
  return isMoleculeError(error) && CODES.has(error.code);
}
