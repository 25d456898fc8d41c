import type { AST } from 'toml-eslint-parser';
import { type ConfigValue, type Path, startsWith } from '../config-value.ts';
import { cut, insertion, type Splice } from '../splice.ts';
import { printPair } from './toml-print.ts';
import { pairsOf } from './toml-tree.ts';

/** Adds a pair at the end of an inline table; undefined where the value cannot be printed. */
export function insertInline(
  text: string,
  table: AST.TOMLInlineTable,
  path: Path,
  value: ConfigValue,
): Splice | undefined {
  const pair = printPair(path, value);
  if (pair === undefined) return undefined;
  const last = table.body.at(-1);
  if (!last) return { offset: table.range[0], length: table.range[1] - table.range[0], text: `{ ${pair} }` };
  const gap = /^\{\S/.test(text.slice(...table.range)) && !/,\s/.test(text.slice(...table.range)) ? ',' : ', ';
  return insertion(last.range[1], gap + pair);
}

/**
 * Takes one pair at or below the path out of an inline table. Undefined where there is none; `comment` where one stands in the way
 * (TOML 1.1), which could not be kept.
 */
export function removeInline(text: string, table: AST.TOMLInlineTable, path: Path): Splice | 'comment' | undefined {
  const pairs = pairsOf(table.body, []);
  const index = pairs.findIndex((pair) => startsWith(pair.path, path));
  const range = pairs[index]?.node.range;
  if (!range) return undefined;
  const before = pairs[index - 1]?.node.range;
  const after = pairs[index + 1]?.node.range;
  const splice = before
    ? cut(before[1], range[1])
    : after
      ? cut(range[0], after[0])
      : cut(table.range[0] + 1, table.range[1] - 1);
  const gone = text.slice(splice.offset, range[0]) + text.slice(range[1], splice.offset + splice.length);
  return /[#\n]/.test(gone) ? 'comment' : splice;
}
