// The routes that the sources of the canvas name.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../packages/canvas/src', import.meta.url));
const GENERATED = 'wire.generated.ts';

/** @returns {ReadonlySet<string>} */
export function usedRoutes() {
  const found = new Set();
  for (const entry of readdirSync(SOURCES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === GENERATED || !/\.tsx?$/.test(entry.name)) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const [, route] of text.matchAll(/'((?:GET|POST|PUT|PATCH|DELETE) \/api\/[^']+)'/g)) found.add(route);
  }
  return found;
}
