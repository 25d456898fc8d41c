import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { type Path, startsWith } from '../config-value.ts';
import { remembering } from '../parse-memory.ts';

/** The syntax tree of one text, flattened into what an edit looks for. Ranges are offsets into `text`. */
export interface TomlTree {
  readonly text: string;
  /** The oldest version that allows the text; undefined where a strict parser refuses it. */
  readonly version: TomlVersion | undefined;
  readonly sections: readonly TomlSection[];
}

/** The lines under one header; the first section is the top of the file and has none. */
export interface TomlSection {
  readonly header: AST.TOMLTable | undefined;
  /** With the index for arrays of tables, so that no path of keys ever matches into one. */
  readonly path: readonly (string | number)[];
  readonly pairs: readonly TomlPair[];
}

export interface TomlPair {
  readonly node: AST.TOMLKeyValue;
  /** The full path: that of the section and the, possibly dotted, key. */
  readonly path: readonly (string | number)[];
}

export type TomlVersion = '1.0' | '1.1';

/** Reads a text that is known to be valid, as TOML 1.0 if it can be. */
export const tomlTree: (text: string) => TomlTree = remembering(readTree);

function readTree(text: string): TomlTree {
  for (const version of ['1.0', '1.1'] as const) {
    const top = parsedAs(text, version);
    if (top) return { text, version, sections: sectionsOf(top) };
  }
  return { text, version: undefined, sections: [] };
}

function parsedAs(text: string, tomlVersion: TomlVersion): AST.TOMLTopLevelTable | undefined {
  try {
    // toml-eslint-parser 1.0.3 gives a `0` at the very end of a text an empty range; behind a line break it is right.
    return parseTOML(`${text}\n`, { tomlVersion }).body[0];
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

function sectionsOf(top: AST.TOMLTopLevelTable): TomlSection[] {
  const rootPairs = top.body.filter((node) => node.type === 'TOMLKeyValue');
  const tables = top.body.filter((node) => node.type === 'TOMLTable');
  return [
    { header: undefined, path: [], pairs: pairsOf(rootPairs, []) },
    ...tables.map((table) => ({
      header: table,
      path: table.resolvedKey,
      pairs: pairsOf(table.body, table.resolvedKey),
    })),
  ];
}

export function pairsOf(nodes: readonly AST.TOMLKeyValue[], base: readonly (string | number)[]): TomlPair[] {
  return nodes.map((node) => ({ node, path: [...base, ...keysOf(node.key)] }));
}

function keysOf(key: AST.TOMLKey): string[] {
  return key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
}

export function isAt(path: readonly (string | number)[], wanted: Path): boolean {
  return path.length === wanted.length && startsWith(path, wanted);
}

/** The inline table that holds, or would hold, the path, and what of the path lies inside it. */
export interface InlineHolder {
  readonly table: AST.TOMLInlineTable;
  readonly inside: Path;
}

export function inlineHolder(tree: TomlTree, path: Path): InlineHolder | undefined {
  const pairs = tree.sections.flatMap((section) => section.pairs);
  return holderAmong(pairs, path);
}

function holderAmong(pairs: readonly TomlPair[], path: Path): InlineHolder | undefined {
  for (const pair of pairs) {
    const { value } = pair.node;
    if (value.type !== 'TOMLInlineTable' || pair.path.length >= path.length || !startsWith(path, pair.path)) continue;
    const inside = path.slice(pair.path.length);
    return holderAmong(pairsOf(value.body, []), inside) ?? { table: value, inside };
  }
  return undefined;
}

/** The pair that defines exactly this path, in a section or in an inline table. */
export function pairAt(tree: TomlTree, path: Path): TomlPair | undefined {
  const holder = inlineHolder(tree, path);
  if (holder) return pairsOf(holder.table.body, []).find((pair) => isAt(pair.path, holder.inside));
  return tree.sections.flatMap((section) => section.pairs).find((pair) => isAt(pair.path, path));
}
