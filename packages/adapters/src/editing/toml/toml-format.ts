import { parse, TomlError } from 'smol-toml';
import type { ConfigValue, Path } from '../config-value.ts';
import { documentFormat } from '../document-editing.ts';
import type { DocumentFormat, TextRange } from '../document-format.ts';
import { type EditError, editError } from '../edit-error.ts';
import type { FormatDriver } from '../format-driver.ts';
import { type Outcome, ok } from '../outcome.ts';
import { applySplices } from '../splice.ts';
import { removeInline } from './toml-inline.ts';
import { removeToml } from './toml-remove.ts';
import { setToml } from './toml-set.ts';
import { inlineHolder, pairAt, type TomlTree, tomlTree } from './toml-tree.ts';

const MAX_TOML_DEPTH = 256;

const driver: FormatDriver = {
  id: 'toml',
  vanishingContainers: true,
  nullIsEmptyMap: false,
  parse: parseTomlValue,
  set: (text, path, value) => {
    const tree = tomlTree(text);
    if (isScattered(tree, path)) {
      const cleared = removed(text, path);
      return cleared.ok ? inserted(tomlTree(cleared.value), path, value) : cleared;
    }
    return inserted(tree, path, value);
  },
  remove: removed,
  valueRange: (text, path): TextRange | undefined => pairAt(tomlTree(text), path)?.node.value.range,
};

/** TOML 1.0; forms of 1.1 that stand in a file are left alone and never written. */
export const tomlFormat: DocumentFormat = documentFormat(driver);

function parseTomlValue(text: string): Outcome<ConfigValue | undefined, EditError> {
  try {
    // Without prototypes, big integers where needed: exactly the values of our own type.
    const value = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: MAX_TOML_DEPTH }) as ConfigValue;
    return ok(Object.keys(value ?? {}).length === 0 ? undefined : value);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, message } = error;
    if (/redefine/.test(message)) return editError('duplicate_key', `A key is defined twice (line ${line}).`, { line });
    if (/nested/.test(message)) return editError('too_deep', 'The file is nested too deeply.', { line });
    return editError('corrupt', `The file is not valid TOML (line ${line}).`, { line });
  }
}

/** Whether the path is defined by headers or dotted keys rather than by one pair. */
function isScattered(tree: TomlTree, path: Path): boolean {
  if (pairAt(tree, path)) return false;
  const holder = inlineHolder(tree, path);
  if (holder) return removeInline(tree.text, holder.table, holder.inside) !== undefined;
  return removeToml(tree, path).length > 0;
}

function inserted(tree: TomlTree, path: Path, value: ConfigValue): Outcome<string, EditError> {
  if (path.length === 0) return editError('unsupported', 'The top level cannot be replaced.', { path });
  const splice = setToml(tree, path, value);
  if (!splice) return editError('unprintable', 'TOML has no form for this value.', { path });
  return judged(tree, applySplices(tree.text, [splice]), path);
}

function removed(text: string, path: Path): Outcome<string, EditError> {
  const tree = tomlTree(text);
  const holder = inlineHolder(tree, path);
  if (!holder) return judged(tree, applySplices(text, removeToml(tree, path)), path);
  const splice = removeInline(text, holder.table, holder.inside);
  if (splice === undefined) return ok(text);
  if (splice === 'comment')
    return editError('unsupported', 'A comment inside an inline table is in the way.', { path });
  // Dotted keys can define one path several times over: `{ a.b = 1, a.c = 2 }`.
  return removed(applySplices(text, [splice]), path);
}

/**
 * The strict parser's word, beside that of smol-toml, which gives us values and takes 1.1 forms always: a file that was TOML 1.0
 * stays TOML 1.0, because some runtimes read nothing newer.
 */
function judged(tree: TomlTree, text: string, path: Path): Outcome<string, EditError> {
  if (tree.version === undefined) return editError('unsupported', 'A strict TOML parser refuses this file.', { path });
  const { version } = tomlTree(text);
  if (version === '1.0' || version === tree.version) return ok(text);
  return editError('mismatch', `The edit would not be valid TOML ${tree.version}.`, { path });
}
