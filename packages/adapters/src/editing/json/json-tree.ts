import { type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { ConfigValue, Path } from '../config-value.ts';
import { type EditError, editError } from '../edit-error.ts';
import { type Outcome, ok } from '../outcome.ts';
import { remembering } from '../parse-memory.ts';

/** Nesting beyond this is refused before a recursive parser meets it. */
const MAX_JSON_DEPTH = 256;

export type JsonDialect = 'json' | 'jsonc';

/** Syntax tree of a text; undefined for a blank one. Plain JSON takes neither comments nor trailing commas. */
export function jsonTree(text: string, dialect: JsonDialect): Outcome<Node | undefined, EditError> {
  return TREES[dialect](text);
}

const TREES: Record<JsonDialect, (text: string) => Outcome<Node | undefined, EditError>> = {
  json: remembering((text) => readTree(text, 'json')),
  jsonc: remembering((text) => readTree(text, 'jsonc')),
};

function readTree(text: string, dialect: JsonDialect): Outcome<Node | undefined, EditError> {
  if (isTooDeep(text)) return editError('too_deep', `The file is nested more than ${MAX_JSON_DEPTH} levels deep.`);
  const errors: ParseError[] = [];
  const lenient = dialect === 'jsonc';
  const root = parseTree(text, errors, {
    disallowComments: !lenient,
    allowTrailingComma: lenient,
    allowEmptyContent: true,
  });
  const [first] = errors;
  if (first) {
    const line = text.slice(0, first.offset).split(/\r\n|\r|\n/).length;
    return editError('corrupt', `The file is not valid ${dialect.toUpperCase()} (line ${line}).`, { line });
  }
  return ok(root);
}

export function isTooDeep(text: string): boolean {
  return deepestNesting(text) > MAX_JSON_DEPTH;
}

/** Brackets inside strings do not count. */
function deepestNesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x0a) return at;
    at += code === 0x5c ? 2 : 1;
  }
  return at;
}

export function nodeEnd(node: Node): number {
  return node.offset + node.length;
}

/** The value of a tree. Of two equal keys the last one counts, as in every JSON parser. */
export function treeValue(node: Node): ConfigValue {
  if (node.type === 'array') return (node.children ?? []).map(treeValue);
  if (node.type !== 'object') {
    // The parser types scalars as `any`; they are exactly JSON's.
    return node.value as ConfigValue;
  }
  // `fromEntries` defines own keys, so `__proto__` stays a key.
  return Object.fromEntries(
    (node.children ?? []).flatMap((property) => {
      const value = property.children?.[1];
      return value === undefined ? [] : [[propertyKey(property), treeValue(value)] as const];
    }),
  );
}

export function propertyKey(property: Node): string {
  return String(property.children?.[0]?.value);
}

/** What stands at a path: the deepest object on the way, the keys still missing below it, and the property when found. */
export interface JsonPlace {
  readonly object: Node;
  readonly missing: Path;
  readonly property: Node | undefined;
}

/** Follows a path of at least one key. A key defined twice on the way is refused: writing one of them would be a guess. */
export function findPlace(root: Node, path: Path): Outcome<JsonPlace, EditError> {
  let object = root;
  for (const [depth, key] of path.entries()) {
    if (object.type !== 'object') return ok({ object, missing: path.slice(depth), property: undefined });
    const found = (object.children ?? []).filter((property) => propertyKey(property) === key);
    const [property, second] = found;
    if (second) {
      const at = path.slice(0, depth + 1);
      return editError('duplicate_key', `The key ${JSON.stringify(key)} is defined ${found.length} times.`, {
        path: at,
      });
    }
    const value = property?.children?.[1];
    if (property === undefined || value === undefined)
      return ok({ object, missing: path.slice(depth), property: undefined });
    if (depth === path.length - 1) return ok({ object, missing: [], property });
    object = value;
  }
  return ok({ object, missing: path, property: undefined });
}
