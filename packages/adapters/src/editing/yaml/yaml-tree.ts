import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Path } from '../config-value.ts';
import { remembering } from '../parse-memory.ts';

export type YamlMap = YAMLMap.Parsed;
export type YamlPair = Pair<ParsedNode, ParsedNode | null>;

/** The syntax tree with its source tokens, whose offsets the splices need. */
export const yamlTree: (text: string) => Document.Parsed = remembering((text) =>
  parseDocument(text, { keepSourceTokens: true }),
);

/** How far a path can be followed. */
export interface YamlPlace {
  /** The innermost map on the way; undefined where the document is blank. */
  readonly map: YamlMap | undefined;
  /** The pair that holds that map; undefined for the root. */
  readonly holder: YamlPair | undefined;
  /** The map that pair is written in. */
  readonly outer: YamlMap | undefined;
  /** The pair of the next key, when there is one: with nothing missing it is the pair of the path itself. */
  readonly pair: YamlPair | undefined;
  /** The keys below `pair` (or below `map`, without a pair) that do not exist yet. */
  readonly missing: Path;
  /** An alias on the way: editing behind it would change the anchor's owner. */
  readonly aliased: boolean;
}

export function findPlace(document: Document.Parsed, path: Path): YamlPlace {
  let node: ParsedNode | null = document.contents;
  let holder: YamlPair | undefined;
  let outer: YamlMap | undefined;
  let map: YamlMap | undefined;
  for (const [depth, key] of path.entries()) {
    const missing = path.slice(depth);
    if (isAlias(node)) return { map, holder, outer, pair: undefined, missing, aliased: true };
    if (!isMap(node)) return { map, holder: undefined, outer, pair: holder, missing, aliased: false };
    outer = map;
    map = node;
    const pair = pairOf(node, key);
    if (!pair) return { map, holder, outer, pair: undefined, missing, aliased: false };
    if (depth === path.length - 1) return { map, holder, outer, pair, missing: [], aliased: false };
    holder = pair;
    node = pair.value;
  }
  return { map, holder, outer, pair: undefined, missing: path, aliased: false };
}

function pairOf(map: YamlMap, key: string): YamlPair | undefined {
  return map.items.find((item) => isPair(item) && isScalar(item.key) && keyText(item.key.value) === key);
}

/** A key as `toJS` names it. */
function keyText(value: unknown): string {
  return value === null ? '' : String(value);
}

export function isFlow(node: ParsedNode | null): boolean {
  return isCollection(node) ? node.flow === true : isScalar(node) && !isBlockScalar(node);
}

export function isBlockScalar(node: ParsedNode | null): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

/** Whether nothing is written where a value could stand (`key:`, or `---` alone). */
export function isUnwritten(node: ParsedNode | null): boolean {
  return node === null || (isScalar(node) && node.range[0] === node.range[1]);
}

/** Where the last character of a node stands; the range of a block collection would take in line breaks and comments. */
export function contentEnd(node: ParsedNode): number {
  if (isCollection(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (isPair(last)) return pairEnd(last as YamlPair);
    if (last !== undefined && 'range' in last) return contentEnd(last as ParsedNode);
  }
  return node.range[1];
}

export function pairEnd(pair: YamlPair): number {
  const { value } = pair;
  return value === null || isUnwritten(value) ? headEnd(pair) : contentEnd(value);
}

/** The end of `key:` together with an anchor or a tag behind it: where a value on the same line begins, space included. */
export function headEnd(pair: YamlPair): number {
  const sep = tokensOf(pair)?.sep ?? [];
  const last = sep
    .filter((token) => token.type === 'map-value-ind' || token.type === 'anchor' || token.type === 'tag')
    .at(-1);
  return last ? last.offset + last.source.length : pair.key.range[1];
}

export function tokensOf(pair: YamlPair): CST.CollectionItem | undefined {
  return pair.srcToken;
}
