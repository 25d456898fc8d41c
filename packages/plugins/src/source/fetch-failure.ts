import { MoleculeError } from '@molecule/contracts';

/** Why a fetch failed, as a code that programs can tell apart. */
export type FetchReason =
  | 'not_found'
  | 'ref_not_found'
  | 'folder_not_found'
  | 'version_not_found'
  | 'credential_needed'
  | 'credential_refused'
  | 'address_refused'
  | 'unreachable'
  | 'timeout'
  | 'integrity'
  | 'archive'
  | 'digest'
  | 'moved'
  | 'tool_missing'
  | 'not_configured'
  | 'refused'
  | 'failed';

const NEXT_STEP: Readonly<Record<FetchReason, string>> = {
  not_found: 'Check the address; a private place answers like this too.',
  ref_not_found: 'Check the branch, tag or commit after #.',
  folder_not_found: 'Check the folder after the ref.',
  version_not_found: 'Check the version; `npm view` shows those that exist.',
  credential_needed: 'The place is private: add a credential for its host on the server.',
  credential_refused: 'The stored credential was refused: renew it on the server.',
  address_refused: 'Sources may only be public addresses, unless the operator permits others.',
  unreachable: 'Try again when the server can be reached.',
  timeout: 'Try again when the server answers.',
  integrity: 'Do not use it: what was delivered is not what was published.',
  archive: 'Ask its author for a proper package.',
  digest: 'Do not use it before you know who changed it.',
  moved: 'See what changed with `molecule plugin lock`, then upgrade.',
  tool_missing: 'Install git on the machine of the server.',
  not_configured: 'Ask the operator to configure it.',
  refused: 'See the message of the server.',
  failed: 'See the log of the server.',
};

/** A failed fetch from the catalogue: what, why, what to do (B61, I24). */
export function fetchFailed(plugin: string, reason: FetchReason, detail: string, cause?: unknown): MoleculeError {
  return new MoleculeError('plugin_fetch_failed', {
    params: { plugin, detail, reason, nextStep: NEXT_STEP[reason] },
    ...(cause === undefined ? {} : { cause }),
  });
}
