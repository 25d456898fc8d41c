import type { ConfigValue } from '../config-value.ts';
import { cut, insertion, type Splice } from '../splice.ts';
import { backOverSpaces, isBlank, skipSpaces } from '../text-layout.ts';
import { printFlow } from './yaml-print.ts';
import { pairEnd, tokensOf, type YamlMap, type YamlPair } from './yaml-tree.ts';

/** Adds a pair at the end of a flow map (`{a: 1}`). */
export function insertIntoFlow(map: YamlMap, key: string, value: ConfigValue): Splice[] {
  const entry = printFlow(Object.fromEntries([[key, value]])).slice(1, -1);
  const last = map.items.at(-1);
  return [last ? insertion(pairEnd(last), `, ${entry}`) : insertion(map.range[0] + 1, entry)];
}

/** Takes a pair and one comma out of a flow map; comments around them stay. */
export function removeFromFlow(text: string, map: YamlMap, pair: YamlPair): Splice[] {
  const index = map.items.indexOf(pair);
  const start = pair.key.range[0];
  const end = pairEnd(pair);
  if (map.items.length === 1) return onlyPair(text, map, start, end);
  const next = map.items[index + 1];
  const comma = commaOf(index === 0 ? next : pair);
  if (comma === undefined) return [cut(start, end)];
  if (index > 0) {
    if (isBlank(text.slice(comma + 1, start))) return [cut(comma, end)];
    return [cut(comma, comma + 1), cut(backOverSpaces(text, start), end)];
  }
  if (isBlank(text.slice(end, comma))) return [cut(start, skipSpaces(text, comma + 1))];
  return [cut(start, end), cut(comma, comma + 1)];
}

function onlyPair(text: string, map: YamlMap, start: number, end: number): Splice[] {
  const open = map.range[0] + 1;
  const close = map.range[1] - 1;
  const rest = text.slice(open, start) + text.slice(end, close);
  return [/^[\s,]*$/.test(rest) ? cut(open, close) : cut(start, end)];
}

/** The comma that separates a pair from the one before. */
function commaOf(pair: YamlPair | undefined): number | undefined {
  return pair && tokensOf(pair)?.start.find((token) => token.type === 'comma')?.offset;
}
