import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Citation, citationsIn, type Requirement } from './requirements.ts';
import { REPOSITORY, trackedFiles } from './tracked-files.ts';

/** Ids that must stay covered; grows by `node tools/requirements.mjs --accept`. */
export const ACCEPTED_FILE = 'requirements/covered.json';

/** All requirements of the manifest, in file and entry order. */
export function readManifest(root: string = REPOSITORY): Requirement[] {
  const folder = join(root, 'requirements');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'covered.json');
  return files.sort().flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Ids whose coverage was accepted. */
export function readAccepted(root: string = REPOSITORY): string[] {
  return JSON.parse(readFileSync(join(root, ACCEPTED_FILE), 'utf8'));
}

/** Citations of every test file in the repository. */
export function readCitations(root: string = REPOSITORY): Citation[] {
  return trackedFiles(root)
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('tests/gates/fixtures/'))
    .flatMap((path) => citationsIn(path, readFileSync(join(root, path), 'utf8')));
}
