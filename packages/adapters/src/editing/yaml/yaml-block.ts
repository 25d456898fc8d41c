import type { ParsedNode } from 'yaml';
import { type ConfigValue, isMap } from '../config-value.ts';
import { cut, insertion, type Splice } from '../splice.ts';
import { afterBreak, beforeBreak, lineEnd, lineEnding, lineStart, skipSpaces } from '../text-layout.ts';
import { printEntry, printFlow } from './yaml-print.ts';
import {
  contentEnd,
  headEnd,
  isBlockScalar,
  isFlow,
  isUnwritten,
  pairEnd,
  type YamlMap,
  type YamlPair,
} from './yaml-tree.ts';

/** The indentation of a block map's keys; undefined for forms that cannot be extended line by line (`? key`, `&a key`). */
export function indentOf(text: string, map: YamlMap): string | undefined {
  const first = map.items[0];
  return first && ownIndent(text, first);
}

function ownIndent(text: string, pair: YamlPair): string | undefined {
  const key = pair.key.range[0];
  const indent = text.slice(lineStart(text, key), key);
  return /^ *$/.test(indent) ? indent : undefined;
}

/** Adds a pair as lines of its own behind the last pair, which keeps the comment on its line. */
export function insertIntoBlock(
  text: string,
  map: YamlMap,
  key: string,
  value: ConfigValue,
  step: string,
): Splice[] | undefined {
  const indent = indentOf(text, map);
  const last = map.items.at(-1);
  if (indent === undefined || !last) return undefined;
  const eol = lineEnding(text);
  const entry = printEntry(key, value, indent, step, eol);
  const end = linesEnd(text, last, indent);
  // A block scalar owns its line breaks, so the next key starts right behind it.
  if (endsLine(text, end)) return [insertion(end, entry + eol)];
  return [insertion(lineEnd(text, end), eol + entry)];
}

/** The end of what belongs to a pair: comment lines indented deeper than its key count as written inside it. */
function linesEnd(text: string, pair: YamlPair, indent: string): number {
  let end = pairEnd(pair);
  let at = endsLine(text, end) ? end : afterBreak(text, lineEnd(text, end));
  while (at < text.length) {
    const stop = lineEnd(text, at);
    const line = text.slice(at, stop);
    if (line.trim() !== '' && !(line.startsWith(`${indent} `) && line.trimStart().startsWith('#'))) break;
    if (line.trim() !== '') end = stop;
    at = Math.max(afterBreak(text, stop), stop + 1);
  }
  return end;
}

function endsLine(text: string, offset: number): boolean {
  return offset > 0 && text[offset - 1] === '\n';
}

/** Puts a block map where `key:` has no value, or an empty one on the same line (`{}`, `~`). */
export function expandEmpty(text: string, pair: YamlPair, entries: ConfigValue, step: string): Splice[] | undefined {
  const indent = ownIndent(text, pair);
  if (indent === undefined || !isMap(entries)) return undefined;
  const eol = lineEnding(text);
  const lines = Object.entries(entries).map(([key, value]) => printEntry(key, value, indent + step, step, eol));
  const end = pairEnd(pair);
  const gone = cut(headEnd(pair), end);
  return [...(gone.length > 0 ? [gone] : []), insertion(lineEnd(text, end), eol + lines.join(eol))];
}

/** Takes a pair out of a block map; the last one leaves `{}` behind, so that the map stays a map. */
export function removeFromBlock(
  text: string,
  map: YamlMap,
  holder: YamlPair | undefined,
  pair: YamlPair,
): Splice[] | undefined {
  const indent = ownIndent(text, pair);
  if (indent === undefined) return undefined;
  const lines = pairLines(text, pair, indent);
  if (map.items.length > 1 || !holder) return [lines];
  return [insertion(headEnd(holder), ' {}'), lines];
}

/** The lines of a pair; a comment behind its last value stays. */
function pairLines(text: string, pair: YamlPair, indent: string): Splice {
  const start = lineStart(text, pair.key.range[0]);
  const end = linesEnd(text, pair, indent);
  if (endsLine(text, end)) return cut(start, end);
  const rest = skipSpaces(text, end);
  const stop = lineEnd(text, end);
  if (rest !== stop) return cut(pair.key.range[0], rest);
  return start === 0 ? cut(0, afterBreak(text, stop)) : cut(beforeBreak(text, start), stop);
}

/** Replaces the value of a pair by one on the line of its key. */
export function replaceInBlock(text: string, pair: YamlPair, value: ConfigValue): Splice[] {
  const old: ParsedNode | null = pair.value;
  const head = headEnd(pair);
  const printed = printFlow(value);
  if (old === null || isUnwritten(old)) return [insertion(head, ` ${printed}`)];
  const end = contentEnd(old);
  const stop = endsLine(text, end) ? beforeBreak(text, end) : end;
  if (isFlow(old) || isBlockScalar(old) || lineStart(text, old.range[0]) <= head) {
    return [{ offset: old.range[0], length: stop - old.range[0], text: printed }];
  }
  return [insertion(head, ` ${printed}`), cut(beforeBreak(text, lineStart(text, old.range[0])), stop)];
}
