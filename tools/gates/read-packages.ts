import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageSources } from './package-arrows.ts';
import { REPOSITORY, trackedFiles } from './tracked-files.ts';

const SOURCE = /^packages\/([^/]+)\/(src\/.+\.(?:ts|tsx|mts|mjs))$/;

/** Manifest and module sources of every package in the repository, by folder name. */
export function readPackages(root: string = REPOSITORY): Map<string, PackageSources> {
  const sources = new Map<string, Map<string, string>>();
  for (const file of trackedFiles(root)) {
    const [, name, path] = SOURCE.exec(file) ?? [];
    if (name === undefined || path === undefined) continue;
    const modules = sources.get(name) ?? new Map<string, string>();
    sources.set(name, modules.set(path, readFileSync(join(root, file), 'utf8')));
  }
  const manifestOf = (name: string) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  return new Map([...sources].map(([name, modules]) => [name, { manifest: manifestOf(name), sources: modules }]));
}
