import type { ConfigValue, Path } from '../config-value.ts';
import { documentFormat } from '../document-editing.ts';
import type { DocumentFormat, TextRange } from '../document-format.ts';
import { type EditError, editError } from '../edit-error.ts';
import type { FormatDriver } from '../format-driver.ts';
import { type Outcome, ok } from '../outcome.ts';
import { applySplices } from '../splice.ts';
import { lineEnding } from '../text-layout.ts';
import { insertProperty, replaceValue } from './json-insert.ts';
import { isJsonPrintable, printBlock } from './json-print.ts';
import { removeProperty } from './json-remove.ts';
import { findPlace, isTooDeep, type JsonDialect, jsonTree, nodeEnd, treeValue } from './json-tree.ts';

/** Plain JSON: comments and trailing commas are errors, as for the runtimes that read it with a plain parser. */
export const jsonFormat: DocumentFormat = documentFormat(jsonDriver('json'));

/** JSON with comments and trailing commas. */
export const jsoncFormat: DocumentFormat = documentFormat(jsonDriver('jsonc'));

function jsonDriver(dialect: JsonDialect): FormatDriver {
  return {
    id: dialect,
    vanishingContainers: false,
    nullIsEmptyMap: false,
    parse: (text) => parseJson(text, dialect),
    set: (text, path, value) => setJson(text, dialect, path, value),
    remove: (text, path) => removeJson(text, dialect, path),
    valueRange: (text, path) => jsonRange(text, dialect, path),
  };
}

function parseJson(text: string, dialect: JsonDialect): Outcome<ConfigValue | undefined, EditError> {
  if (isTooDeep(text)) return editError('too_deep', 'The file is nested too deeply.');
  // The engine's own parser is several times faster than any tree builder, and most files are plain JSON.
  try {
    const value: ConfigValue = JSON.parse(text);
    return ok(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const tree = jsonTree(text, dialect);
  if (!tree.ok) return tree;
  return ok(tree.value && treeValue(tree.value));
}

function setJson(text: string, dialect: JsonDialect, path: Path, value: ConfigValue): Outcome<string, EditError> {
  if (!isJsonPrintable(value)) return editError('unprintable', 'JSON has no form for this value.', { path });
  const tree = jsonTree(text, dialect);
  if (!tree.ok) return tree;
  const root = tree.value;
  if (root === undefined) return ok(startDocument(text, nested(path, value)));
  if (path.length === 0)
    return ok(applySplices(text, [{ offset: root.offset, length: root.length, text: freshText(value, text) }]));
  const place = findPlace(root, path);
  if (!place.ok) return place;
  const { object, missing, property } = place.value;
  if (property) return ok(applySplices(text, replaceValue(text, root, property, value)));
  const [key, ...below] = missing;
  if (key === undefined) return editError('unsupported', 'There is no key to set.', { path });
  return ok(applySplices(text, insertProperty(text, root, object, key, nested(below, value))));
}

function nested(path: Path, value: ConfigValue): ConfigValue {
  return path.reduceRight((inner: ConfigValue, key) => Object.fromEntries([[key, inner]]), value);
}

/** A blank text may hold comments or empty lines: they stay in front, and no final newline comes where none is. */
function startDocument(text: string, value: ConfigValue): string {
  const eol = lineEnding(text);
  const gap = text === '' || /[\r\n]$/.test(text) ? '' : eol;
  return text + gap + freshText(value, text) + (gap === '' ? eol : '');
}

function freshText(value: ConfigValue, text: string): string {
  return printBlock(value, '', { eol: lineEnding(text), unit: '  ', colon: ': ', comma: ', ' });
}

function removeJson(text: string, dialect: JsonDialect, path: Path): Outcome<string, EditError> {
  const tree = jsonTree(text, dialect);
  if (!tree.ok) return tree;
  if (tree.value === undefined || path.length === 0)
    return editError('unsupported', 'The top level cannot be removed.', { path });
  const place = findPlace(tree.value, path);
  if (!place.ok) return place;
  const { object, property } = place.value;
  return ok(property ? applySplices(text, removeProperty(text, object, property)) : text);
}

function jsonRange(text: string, dialect: JsonDialect, path: Path): TextRange | undefined {
  const tree = jsonTree(text, dialect);
  if (!tree.ok || tree.value === undefined) return undefined;
  if (path.length === 0) return [tree.value.offset, nodeEnd(tree.value)];
  const place = findPlace(tree.value, path);
  const value = place.ok ? place.value.property?.children?.[1] : undefined;
  return value && [value.offset, nodeEnd(value)];
}
