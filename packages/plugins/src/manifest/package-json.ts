import type { TreeFile } from '../artifact/tree-digest.ts';
import { manifestInvalid } from './manifest-invalid.ts';

const LARGEST_BYTES = 256 * 1024;
const DEEPEST = 32;
/** Keys that reach into the language where an object is copied carelessly. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A JSON file of a package; undefined when the package has none of that name.
 * @throws MoleculeError `plugin_manifest_invalid` for what is too large, too deep, no JSON or has forbidden keys
 */
export function packageJson(files: readonly TreeFile[], path: string, plugin: string): unknown {
  const file = files.find((each) => each.path === path);
  if (file === undefined) return undefined;
  if (file.content.length > LARGEST_BYTES)
    throw manifestInvalid(plugin, `${path} is larger than ${LARGEST_BYTES} bytes`);
  const text = file.content.toString('utf8').replace(/^\ufeff/, '');
  // Depth is counted on the text: the parser itself would recurse.
  if (deepest(text) > DEEPEST) throw manifestInvalid(plugin, `${path} is nested deeper than ${DEEPEST} levels`);
  let forbidden: string | null = null;
  try {
    const value: unknown = JSON.parse(text, (key, inner: unknown) => {
      if (FORBIDDEN.has(key)) forbidden = key;
      return inner;
    });
    if (forbidden !== null)
      throw manifestInvalid(plugin, `${path} has the key "${String(forbidden)}", which has no place in a manifest`);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw manifestInvalid(plugin, `${path} is not JSON: ${error.message}`);
    throw error;
  }
}

function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (isString) {
      if (c === '\\') at += 1;
      else if (c === '"') isString = false;
    } else if (c === '"') isString = true;
    else if (c === '{' || c === '[') {
      depth += 1;
      most = Math.max(most, depth);
    } else if (c === '}' || c === ']') depth -= 1;
  }
  return most;
}
