import type { ConfigValue, Path } from './config-value.ts';
import type { EditError } from './edit-error.ts';
import type { Outcome } from './outcome.ts';

export type FormatId = 'json' | 'jsonc' | 'toml' | 'yaml';

export type Edit =
  | { readonly op: 'set'; readonly path: Path; readonly value: ConfigValue }
  | { readonly op: 'remove'; readonly path: Path };

export interface EditResult {
  /** The very same string as given when nothing had to change. */
  readonly text: string;
  readonly changed: boolean;
  /** What the text means now; undefined for a blank document. */
  readonly value: ConfigValue | undefined;
}

/** A stretch of the text: start inclusive, end exclusive. */
export type TextRange = readonly [start: number, end: number];

/**
 * One configuration format, edited without loss. All functions are pure.
 *
 * `edit` splices the old text, reparses the result and compares it with the intended value; it never hands out a text that
 * means anything else (B68, T37). What no edit names keeps every byte: keys, comments, order, spacing, number forms, quotes,
 * line ends, byte order mark, final newline.
 */
export interface DocumentFormat {
  readonly id: FormatId;
  /** The meaning of a text; undefined for a blank one (empty, white space, comments only). */
  parse(text: string): Outcome<ConfigValue | undefined, EditError>;
  edit(text: string, edits: readonly Edit[]): Outcome<EditResult, EditError>;
  /** Where the value at `path` stands, when it stands in one piece. */
  valueRange(text: string, path: Path): TextRange | undefined;
}
