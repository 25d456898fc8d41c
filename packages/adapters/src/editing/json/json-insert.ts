import type { Node } from 'jsonc-parser';
import type { ConfigValue } from '../config-value.ts';
import { insertion, type Splice } from '../splice.ts';
import { indentOfLine, lineEnd, lineEnding, startsLine } from '../text-layout.ts';
import { type JsonStyle, printBlock, printInline } from './json-print.ts';
import { nodeEnd } from './json-tree.ts';
import { commaAfter, lastCommentEnd, restOfLine } from './json-trivia.ts';

const DEFAULT_UNIT = '  ';

/** How the document around an object is written. */
export function styleAround(text: string, root: Node, object: Node): JsonStyle {
  return {
    eol: lineEnding(text),
    unit: indentUnit(text, root),
    ...inlineSpacing(text, object.children?.length ? object : root),
  };
}

/** One level of indentation: the first property of the root that starts a line shows it. */
function indentUnit(text: string, root: Node): string {
  for (const property of root.children ?? []) {
    if (startsLine(text, property.offset)) return indentOfLine(text, property.offset) || DEFAULT_UNIT;
  }
  return DEFAULT_UNIT;
}

/** Minified text has no space after a colon; then none follows a comma either. */
function inlineSpacing(text: string, object: Node): Pick<JsonStyle, 'colon' | 'comma'> {
  const [first, second] = object.children ?? [];
  const key = first?.children?.[0];
  const value = first?.children?.[1];
  const spaced = !key || !value || /\s/.test(text.slice(nodeEnd(key), value.offset));
  const gap = second && !startsLine(text, second.offset) ? /\s$/.test(text.slice(0, second.offset)) : spaced;
  return { colon: spaced ? ': ' : ':', comma: gap ? ', ' : ',' };
}

/**
 * Adds a property at the end of an object. The comma goes right behind the last value and the property behind that line's
 * comment, so that no comment changes its owner (jsonc-parser's own `modify` moves it). A trailing-comma habit is kept.
 */
export function insertProperty(text: string, root: Node, object: Node, key: string, value: ConfigValue): Splice[] {
  const style = styleAround(text, root, object);
  const last = object.children?.at(-1);
  if (!last) return insertFirst(text, root, object, key, value, style);
  const close = nodeEnd(object) - 1;
  const comma = commaAfter(text, nodeEnd(last), close);
  const splices = comma === undefined ? [insertion(nodeEnd(last), ',')] : [];
  const tail = comma === undefined ? '' : ',';
  const rest = restOfLine(text, comma === undefined ? nodeEnd(last) : comma + 1, close);
  if (rest.reachedBreak) {
    const indent = startsLine(text, last.offset)
      ? indentOfLine(text, last.offset)
      : indentOfLine(text, object.offset) + style.unit;
    return [...splices, insertion(rest.at, style.eol + indent + blockEntry(key, value, indent, style) + tail)];
  }
  const gap = style.comma.slice(1);
  return [...splices, insertion(rest.at, gap + inlineEntry(key, value, style) + tail)];
}

function insertFirst(
  text: string,
  root: Node,
  object: Node,
  key: string,
  value: ConfigValue,
  style: JsonStyle,
): Splice[] {
  const open = object.offset + 1;
  const close = nodeEnd(object) - 1;
  const inside = text.slice(open, close);
  const base = indentOfLine(text, object.offset);
  const comment = lastCommentEnd(text, open, close);
  if (comment !== undefined) {
    const breakAt = lineEnd(text, comment);
    if (breakAt >= close) return [insertion(comment, ` ${inlineEntry(key, value, style)}`)];
    const indent = commentIndent(text, open, comment, base + style.unit);
    return [insertion(breakAt, style.eol + indent + blockEntry(key, value, indent, style))];
  }
  const indent = base + style.unit;
  if (/[\r\n]/.test(inside)) return [insertion(open, style.eol + indent + blockEntry(key, value, indent, style))];
  const entry = isOneLiner(text, root, object)
    ? inlineEntry(key, value, style)
    : style.eol + indent + blockEntry(key, value, indent, style) + style.eol + base;
  return [{ offset: open, length: inside.length, text: entry }];
}

/** The indent of the line on which the comment starts, when that line lies inside the object. */
function commentIndent(text: string, open: number, comment: number, fallback: string): string {
  const inside = text.slice(open, comment);
  const start = inside.search(/\S/);
  return start >= 0 && startsLine(text, open + start) ? indentOfLine(text, open + start) : fallback;
}

/** A document that is written on one line stays on one line. */
function isOneLiner(text: string, root: Node, object: Node): boolean {
  return object !== root && !/[\r\n]/.test(text.slice(root.offset, nodeEnd(root)));
}

/** Replaces the value of a property, in the style in which the property stands. */
export function replaceValue(text: string, root: Node, property: Node, value: ConfigValue): Splice[] {
  const old = property.children?.[1];
  if (!old) return [];
  const object = property.parent ?? root;
  const style = styleAround(text, root, object);
  const printed = startsLine(text, property.offset)
    ? printBlock(value, indentOfLine(text, property.offset), style)
    : printInline(value, style);
  return [{ offset: old.offset, length: old.length, text: printed }];
}

function blockEntry(key: string, value: ConfigValue, indent: string, style: JsonStyle): string {
  // Over several lines JSON is conventionally written with a space behind the colon, minified neighbours or not.
  return `${JSON.stringify(key)}: ${printBlock(value, indent, style)}`;
}

function inlineEntry(key: string, value: ConfigValue, style: JsonStyle): string {
  return JSON.stringify(key) + style.colon + printInline(value, style);
}
