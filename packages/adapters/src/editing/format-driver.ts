import type { ConfigValue, Path } from './config-value.ts';
import type { FormatId, TextRange } from './document-format.ts';
import type { EditError } from './edit-error.ts';
import type { Outcome } from './outcome.ts';

/**
 * What a format must know by itself; `document-editing.ts` adds the rules all formats share.
 * Texts come without byte order mark. A driver may trust that nothing on the way to `path` is other than a map or absent.
 */
export interface FormatDriver {
  readonly id: FormatId;
  parse(text: string): Outcome<ConfigValue | undefined, EditError>;
  /** Puts `value` at `path`, making missing containers; an existing value gives way. */
  set(text: string, path: Path, value: ConfigValue): Outcome<string, EditError>;
  /** Takes out what stands at `path`, which is there. */
  remove(text: string, path: Path): Outcome<string, EditError>;
  valueRange(text: string, path: Path): TextRange | undefined;
  /** TOML: a table without a header of its own vanishes with its last child. */
  readonly vanishingContainers: boolean;
  /** YAML: `key:` with nothing after it counts as an empty map. */
  readonly nullIsEmptyMap: boolean;
}
