import { MAX_DEPTH, type ScalarListener } from './json-scanner.ts';
import { type PathNode, ROOT_PATH } from './path-node.ts';

/**
 * Reports the scalars of a parsed document exactly as `JsonScanner` would report those of its text. False when it is nested deeper
 * than the scanner reads.
 */
export function walkScalars(value: unknown, report: ScalarListener, node: PathNode = ROOT_PATH, depth = 0): boolean {
  if (typeof value === 'string') report(node.path, value, value.length);
  else if (typeof value === 'number' || typeof value === 'boolean' || value === null) report(node.path, value, 0);
  else if (depth >= MAX_DEPTH) return false;
  else if (Array.isArray(value)) return value.every((item: unknown) => walkScalars(item, report, node, depth + 1));
  else if (typeof value === 'object') {
    // A parsed JSON object has string keys and unknown values; the index type says no more.
    const fields = value as Record<string, unknown>;
    for (const key in fields) if (!walkScalars(fields[key], report, node.child(key), depth + 1)) return false;
  }
  return true;
}
