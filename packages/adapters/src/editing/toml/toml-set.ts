import { type ConfigValue, isMap, type Path, startsWith } from '../config-value.ts';
import { insertion, type Splice } from '../splice.ts';
import { indentOfLine, isBlank, lineEnd, lineEnding, lineStart } from '../text-layout.ts';
import { insertInline } from './toml-inline.ts';
import { printKey, printPair, printToml } from './toml-print.ts';
import { inlineHolder, isAt, pairAt, type TomlSection, type TomlTree } from './toml-tree.ts';

/** Entries (`mcp_servers.NAME`) get a header of their own; what is set inside one is written on one line. */
const ENTRY_DEPTH = 2;

/** The splice that puts a value where none is, or over one that stands in a single pair. Undefined: it cannot be printed. */
export function setToml(tree: TomlTree, path: Path, value: ConfigValue): Splice | undefined {
  const { text } = tree;
  const pair = pairAt(tree, path);
  if (pair) {
    const printed = printToml(value);
    const [start, end] = pair.node.value.range;
    return printed === undefined ? undefined : { offset: start, length: end - start, text: printed };
  }
  const holder = inlineHolder(tree, path);
  if (holder) return insertInline(text, holder.table, holder.inside, value);
  const parent = path.slice(0, -1);
  const home = sectionWith(tree, parent);
  const asSection = isMap(value) && (path.length <= ENTRY_DEPTH || !home?.header);
  if (asSection) return appendSection(text, path, value);
  if (parent.length === 0) return insertRootPair(tree, path, value);
  if (home) return insertPair(text, home, path.slice(home.path.length), value);
  const dotted = tree.sections.find((section) => section.pairs.some((other) => startsWith(other.path, parent)));
  if (dotted) return insertAfterDotted(text, dotted, parent, path, value);
  return appendSection(text, parent, Object.fromEntries([[path.at(-1) ?? '', value]]));
}

function sectionWith(tree: TomlTree, path: Path): TomlSection | undefined {
  return tree.sections.find((section) => section.header?.kind === 'standard' && isAt(section.path, path));
}

/** A header and its lines at the end of the file: headers are absolute, so the text before stays byte for byte. */
function appendSection(text: string, path: Path, value: ConfigValue): Splice | undefined {
  const key = printKey(path);
  const pairs = isMap(value) ? Object.entries(value).map(([name, child]) => printPair([name], child)) : [undefined];
  if (key === undefined || pairs.includes(undefined)) return undefined;
  const eol = lineEnding(text);
  const section = [`[${key}]`, ...pairs].join(eol);
  if (isBlank(text)) return insertion(text.length, section + eol);
  const lastLine = lineStart(text, text.length);
  if (lastLine < text.length) return insertion(text.length, eol + eol + section);
  const spaced = isBlank(text.slice(lineStart(text, Math.max(lastLine - eol.length, 0)), lastLine));
  return insertion(text.length, (spaced ? '' : eol) + section + eol);
}

/** Keys of the root must stand before the first header. */
function insertRootPair(tree: TomlTree, path: Path, value: ConfigValue): Splice | undefined {
  const { text } = tree;
  const [root, first] = tree.sections;
  if (root && root.pairs.length > 0) return insertPair(text, root, path, value);
  const pair = printPair(path, value);
  if (pair === undefined) return undefined;
  const eol = lineEnding(text);
  if (first) return insertion(0, pair + eol);
  const gap = text === '' || lineStart(text, text.length) === text.length ? '' : eol;
  return insertion(text.length, gap === '' ? pair + eol : gap + pair);
}

/** A line behind the last one of a section, indented like it. */
function insertPair(text: string, section: TomlSection, path: Path, value: ConfigValue): Splice | undefined {
  const anchor = section.pairs.at(-1)?.node ?? section.header;
  return anchor && lineBehind(text, anchor.range, path, value);
}

/** Where a table is written in dotted keys, a new key is written the same way, behind the last of them. */
function insertAfterDotted(
  text: string,
  section: TomlSection,
  parent: Path,
  path: Path,
  value: ConfigValue,
): Splice | undefined {
  const last = section.pairs.filter((pair) => startsWith(pair.path, parent)).at(-1);
  return last && lineBehind(text, last.node.range, path.slice(section.path.length), value);
}

function lineBehind(
  text: string,
  range: readonly [number, number],
  path: Path,
  value: ConfigValue,
): Splice | undefined {
  const pair = printPair(path, value);
  if (pair === undefined) return undefined;
  return insertion(lineEnd(text, range[1]), lineEnding(text) + indentOfLine(text, range[0]) + pair);
}
