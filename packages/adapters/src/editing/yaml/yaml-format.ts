import { type Document, isAlias, isMap as isYamlMap } from 'yaml';
import { type ConfigValue, isMap, type Path } from '../config-value.ts';
import { documentFormat } from '../document-editing.ts';
import type { DocumentFormat, TextRange } from '../document-format.ts';
import { type EditError, editError } from '../edit-error.ts';
import type { FormatDriver } from '../format-driver.ts';
import { type Outcome, ok } from '../outcome.ts';
import { applySplices, type Splice } from '../splice.ts';
import { lineEnding, lineStart } from '../text-layout.ts';
import { expandEmpty, indentOf, insertIntoBlock, removeFromBlock, replaceInBlock } from './yaml-block.ts';
import { insertIntoFlow, removeFromFlow } from './yaml-flow.ts';
import { isYamlPrintable, printEntry, printFlow } from './yaml-print.ts';
import { findPlace, headEnd, isFlow, isUnwritten, pairEnd, type YamlPair, yamlTree } from './yaml-tree.ts';

/** Open brackets beyond this make the parser slow before it fails. */
const MAX_YAML_BRACKETS = 512;
const DEFAULT_STEP = '  ';

const driver: FormatDriver = {
  id: 'yaml',
  vanishingContainers: false,
  nullIsEmptyMap: true,
  parse: parseYaml,
  set: setYaml,
  remove: removeYaml,
  valueRange: yamlRange,
};

/** YAML with one document per file. */
export const yamlFormat: DocumentFormat = documentFormat(driver);

function parseYaml(text: string): Outcome<ConfigValue | undefined, EditError> {
  if (openBrackets(text) > MAX_YAML_BRACKETS) return editError('too_deep', 'The file is nested too deeply.');
  const document = yamlTree(text);
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    if (error.code === 'MULTIPLE_DOCS')
      return editError('unsupported', 'The file holds more than one YAML document.', { line });
    if (error.code === 'RESOURCE_EXHAUSTION') return editError('too_deep', 'The file is nested too deeply.', { line });
    if (error.code === 'DUPLICATE_KEY')
      return editError('duplicate_key', `A key is defined twice (line ${line}).`, { line });
    return editError('corrupt', `The file is not valid YAML (line ${line}).`, { line });
  }
  try {
    const value: ConfigValue = document.toJS();
    return ok(value ?? undefined);
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    return editError('corrupt', 'The file uses an alias that is not defined, or too many aliases.');
  }
}

function openBrackets(text: string): number {
  let open = 0;
  let most = 0;
  for (const char of text.matchAll(/[[\]{}]/g)) {
    open += char[0] === '[' || char[0] === '{' ? 1 : -1;
    if (open < 0) open = 0;
    if (open > most) most = open;
  }
  return most;
}

function setYaml(text: string, path: Path, value: ConfigValue): Outcome<string, EditError> {
  if (!isYamlPrintable(value)) return editError('unprintable', 'YAML has no plain form for this value.', { path });
  const document = yamlTree(text);
  if (isUnwritten(document.contents)) return ok(startDocument(text, path, value));
  const place = findPlace(document, path);
  const splices = place.aliased ? undefined : splicesToSet(text, document, path, value);
  return spliced(text, splices, path);
}

function splicesToSet(text: string, document: Document.Parsed, path: Path, value: ConfigValue): Splice[] | undefined {
  const { map, holder, outer, pair, missing } = findPlace(document, path);
  const step = stepOf(text, document);
  if (pair && map) {
    const wanted = nested(missing, value);
    if (map.flow !== true && isFilledMap(wanted) && isEmptyOnItsLine(text, pair))
      return expandEmpty(text, pair, wanted, step);
    return replaceInBlock(text, pair, wanted);
  }
  const [key, ...below] = missing;
  if (!map || key === undefined) return undefined;
  const wanted = nested(below, value);
  if (map.flow !== true) return insertIntoBlock(text, map, key, wanted, step);
  const opened = holder && outer?.flow !== true && isEmptyOnItsLine(text, holder);
  const expanded = opened ? expandEmpty(text, holder, Object.fromEntries([[key, wanted]]), step) : undefined;
  return expanded ?? insertIntoFlow(map, key, wanted);
}

function isFilledMap(value: ConfigValue): boolean {
  return isMap(value) && Object.keys(value).length > 0;
}

/** Whether a pair has nothing, `~`, `null` or `{}` behind its key. */
function isEmptyOnItsLine(text: string, pair: YamlPair): boolean {
  return /^(?:\{[ \t]*\}|~|null|)$/.test(text.slice(headEnd(pair), pairEnd(pair)).trim());
}

function nested(path: Path, value: ConfigValue): ConfigValue {
  return path.reduceRight((inner: ConfigValue, key) => Object.fromEntries([[key, inner]]), value);
}

/** The document's own indentation, as its first nested block map shows it. */
function stepOf(text: string, document: Document.Parsed): string {
  const root = document.contents;
  if (!isYamlMap(root)) return DEFAULT_STEP;
  const outer = indentOf(text, root);
  for (const { value } of root.items) {
    const inner = isYamlMap(value) && value.flow !== true ? indentOf(text, value) : undefined;
    if (outer !== undefined && inner !== undefined && inner.length > outer.length) return inner.slice(outer.length);
  }
  return DEFAULT_STEP;
}

/** A blank text may hold comments and a `---`: they stay in front, a closing `...` behind, and no final newline comes where none is. */
function startDocument(text: string, path: Path, value: ConfigValue): string {
  const eol = lineEnding(text);
  const end = /^\.\.\.(?:\s|$)/m.exec(text)?.index ?? text.length;
  const head = text.slice(0, end);
  const gap = lineStart(text, end) === end ? '' : eol;
  const [key, ...below] = path;
  const body = key === undefined ? printFlow(value) : printEntry(key, nested(below, value), '', DEFAULT_STEP, eol);
  const tail = gap !== '' && end === text.length ? '' : eol;
  return head + gap + body + tail + text.slice(end);
}

function removeYaml(text: string, path: Path): Outcome<string, EditError> {
  const { map, holder, pair, missing, aliased } = findPlace(yamlTree(text), path);
  if (aliased || !map || !pair || missing.length > 0) return spliced(text, undefined, path);
  return spliced(
    text,
    map.flow === true ? removeFromFlow(text, map, pair) : removeFromBlock(text, map, holder, pair),
    path,
  );
}

function spliced(text: string, splices: readonly Splice[] | undefined, path: Path): Outcome<string, EditError> {
  if (splices) return ok(applySplices(text, splices));
  return editError('unsupported', 'An alias or an unusual key form stands in the way.', { path });
}

/** From the end of the key, so that the space before the value belongs to it. */
function yamlRange(text: string, path: Path): TextRange | undefined {
  const document = yamlTree(text);
  if (path.length === 0)
    return isFlow(document.contents) && document.contents
      ? [document.contents.range[0], document.contents.range[1]]
      : undefined;
  const { pair, missing } = findPlace(document, path);
  if (!pair || missing.length > 0 || isAlias(pair.value)) return undefined;
  return [headEnd(pair), pairEnd(pair)];
}
