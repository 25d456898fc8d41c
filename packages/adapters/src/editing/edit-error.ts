import type { Path } from './config-value.ts';
import { fail } from './outcome.ts';

/**
 * Why a text could not be read or edited. The text itself is never quoted: it may hold a secret of its owner.
 *
 * - `corrupt`: does not parse in its format
 * - `too_large`, `too_deep`, `binary`: beyond what a hand-written config can be
 * - `duplicate_key`: the edit would have to choose between two definitions of one key
 * - `wrong_type`: a value on the way to the path is not a map
 * - `unsupported`: legal, but a form that cannot be edited without touching what is not ours
 * - `unprintable`: the wanted value has no form in this format (null in TOML, NaN in JSON)
 * - `mismatch`: the edited text did not mean what was intended; nothing was handed out
 */
export type EditErrorCode =
  | 'corrupt'
  | 'too_large'
  | 'too_deep'
  | 'binary'
  | 'duplicate_key'
  | 'wrong_type'
  | 'unsupported'
  | 'unprintable'
  | 'mismatch';

export interface EditError {
  readonly code: EditErrorCode;
  /** What happened, in plain words. */
  readonly message: string;
  /** What the owner of the file can do. */
  readonly hint: string;
  readonly path?: Path;
  /** Line of the defect, counted from 1, where the parser knows it. */
  readonly line?: number;
}

const HINTS: Record<EditErrorCode, string> = {
  corrupt: 'Correct the syntax of the file, then run this again.',
  too_large: 'Move what is not configuration out of this file.',
  too_deep: 'Flatten the file; no agent runtime needs such nesting.',
  binary: 'Check that the path names a text configuration file in UTF-8.',
  duplicate_key: 'Keep one of the two definitions, then run this again.',
  wrong_type: 'Make the value at this path a map, or remove it.',
  unsupported: 'Write this part of the file in a plainer form, or add the entry by hand.',
  unprintable: 'Choose a value this file format can express.',
  mismatch: 'Add the entry by hand and report the file as a defect of the editor.',
};

export function editError(
  code: EditErrorCode,
  message: string,
  at: { readonly path?: Path; readonly line?: number } = {},
): { readonly ok: false; readonly error: EditError } {
  return fail({ code, message, hint: HINTS[code], ...at });
}
