import { type Path, startsWith } from '../config-value.ts';
import { cut, type Splice } from '../splice.ts';
import { afterBreak, beforeBreak, isBlank, lineEnd, lineStart, skipSpaces } from '../text-layout.ts';
import type { TomlSection, TomlTree } from './toml-tree.ts';

/**
 * The splices that take out everything at or below the path: its sections with their sub-tables, wherever they stand, and its
 * dotted keys. A section goes from its header's line to its last pair's line; comments above the next header stay.
 */
export function removeToml(tree: TomlTree, path: Path): Splice[] {
  const { text } = tree;
  const splices = tree.sections.flatMap((section) => {
    if (section.header && startsWith(section.path, path)) return [sectionCut(text, section, section.header.range)];
    return section.pairs.filter((pair) => startsWith(pair.path, path)).map((pair) => pairCut(text, pair.node.range));
  });
  return merged(splices);
}

/** With the blank line before it, or, at the top of the file, the one behind it. */
function sectionCut(text: string, section: TomlSection, header: readonly [number, number]): Splice {
  const last = section.pairs.at(-1)?.node.range ?? header;
  const start = lineStart(text, header[0]);
  const end = lineEnd(text, last[1]);
  const before = beforeBreak(text, start);
  const lineBefore = lineStart(text, before);
  const spaced = before < start && isBlank(text.slice(lineBefore, before));
  if (end === text.length) return cut(spaced ? beforeBreak(text, lineBefore) : before, end);
  return cut(spaced ? lineBefore : start, afterBreak(text, end));
}

/** The whole line, or only the pair where a comment shares the line. */
function pairCut(text: string, range: readonly [number, number]): Splice {
  const end = skipSpaces(text, range[1]);
  if (end !== lineEnd(text, range[1])) return cut(range[0], end);
  const start = lineStart(text, range[0]);
  return start === 0 ? cut(0, afterBreak(text, end)) : cut(beforeBreak(text, start), end);
}

/** Neighbouring lines and sections can claim the same line break; the cuts are then joined. */
function merged(splices: readonly Splice[]): Splice[] {
  const result: Splice[] = [];
  for (const splice of splices) {
    const last = result.at(-1);
    if (last && splice.offset <= last.offset + last.length) {
      const end = Math.max(last.offset + last.length, splice.offset + splice.length);
      result[result.length - 1] = cut(last.offset, end);
    } else result.push(splice);
  }
  return result;
}
