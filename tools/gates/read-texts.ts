import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, trackedFiles } from './tracked-files.ts';

/** Contents of all tracked text files by path; files with a NUL byte are not text. */
export function readTexts(root: string = REPOSITORY): Map<string, string> {
  const texts = new Map<string, string>();
  for (const path of trackedFiles(root)) {
    const bytes = readFileSync(join(root, path));
    if (!bytes.includes(0)) texts.set(path, bytes.toString('utf8'));
  }
  return texts;
}
