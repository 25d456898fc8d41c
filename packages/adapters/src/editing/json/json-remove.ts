import type { Node } from 'jsonc-parser';
import { applySplices, cut, type Splice } from '../splice.ts';
import { backOverSpaces, beforeBreak, isBlank, lineEnd, lineStart, skipSpaces, startsLine } from '../text-layout.ts';
import { nodeEnd } from './json-tree.ts';
import { commaAfter } from './json-trivia.ts';

/**
 * Takes a property out: the exact inverse of `insertProperty`. A line that held nothing else goes as a whole, a comment that
 * shares the line stays, and the comma before goes when the last property goes (unless a trailing comma is the habit).
 */
export function removeProperty(text: string, object: Node, property: Node): Splice[] {
  const close = nodeEnd(object) - 1;
  const properties = object.children ?? [];
  const index = properties.indexOf(property);
  const before = properties[index - 1];
  const comma = commaAfter(text, nodeEnd(property), close);
  const splices: Splice[] = [];
  if (before && comma === undefined && index === properties.length - 1) {
    const between = commaAfter(text, nodeEnd(before), property.offset);
    if (between !== undefined) splices.push(cut(between, between + 1));
  }
  const attached = comma !== undefined && isBlank(text.slice(nodeEnd(property), comma));
  const stop = attached ? comma + 1 : nodeEnd(property);
  const from = splices[0] ? splices[0].offset + 1 : object.offset + 1;
  const [start, end] = widened(text, property.offset, stop);
  splices.push(cut(Math.max(start, from), end));
  if (comma !== undefined && !attached) splices.push(cut(comma, comma + 1));
  return properties.length === 1 ? collapsed(text, object, splices) : splices;
}

/** The range to cut so that no empty line and no double space stays behind. */
function widened(text: string, start: number, stop: number): [number, number] {
  const afterSpaces = skipSpaces(text, stop);
  if (!startsLine(text, start)) return [backOverSpaces(text, start), stop];
  if (afterSpaces === lineEnd(text, stop)) return [beforeBreak(text, lineStart(text, start)), afterSpaces];
  return [start, afterSpaces];
}

/** An object left with white space only becomes `{}`, the form most files had before. */
function collapsed(text: string, object: Node, splices: readonly Splice[]): Splice[] {
  const open = object.offset + 1;
  const close = nodeEnd(object) - 1;
  const inside = splices.map((splice) => ({ ...splice, offset: splice.offset - open }));
  return isBlank(applySplices(text.slice(open, close), inside)) ? [cut(open, close)] : [...splices];
}
