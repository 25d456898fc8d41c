import { fail } from '../outcome.ts';

/**
 * Why a configuration file could not be read or written. Nothing of its content is quoted.
 *
 * - `dangling_symlink`: a link to nothing; writing through it would guess where its owner wants the file
 * - `not_a_file`: a directory, pipe, socket or device
 * - `too_large`, `binary`: not a configuration text
 * - `unreadable`, `unwritable`: the operating system refused
 * - `locked`: another writer of ours held the lock too long
 * - `contested`: foreign writers changed the file on every attempt
 */
export type FileErrorCode =
  | 'dangling_symlink'
  | 'not_a_file'
  | 'too_large'
  | 'binary'
  | 'unreadable'
  | 'unwritable'
  | 'locked'
  | 'contested';

export interface FileError {
  readonly code: FileErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly file: string;
  /** The system's own code (`EACCES`), where it gave one. */
  readonly cause?: string;
}

const HINTS: Record<FileErrorCode, string> = {
  dangling_symlink: 'Create the file the link points to, or remove the link.',
  not_a_file: 'Put a regular file, or nothing, at this path.',
  too_large: 'Move what is not configuration out of this file.',
  binary: 'Save the file as UTF-8 text.',
  unreadable: 'Give this user read access to the file and its directory.',
  unwritable: 'Give this user write access to the file and its directory.',
  locked: 'Wait for the other Molecule process to end, then run this again.',
  contested: 'Close the program that keeps rewriting the file, then run this again.',
};

export function fileError(
  code: FileErrorCode,
  file: string,
  message: string,
  cause?: string,
): { readonly ok: false; readonly error: FileError } {
  return fail({ code, message, hint: HINTS[code], file, ...(cause === undefined ? {} : { cause }) });
}

/** The code of a system error (`ENOENT`); anything that is not a system error is a bug and is thrown on. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
