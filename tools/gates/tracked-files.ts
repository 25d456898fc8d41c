import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this file belongs to. */
export const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const MAX_BUFFER_BYTES = 64 * 1024 * 1024;
const IGNORED_FOLDERS = new Set(['.git', 'node_modules', 'dist', '.tools', '.molecule', 'coverage']);

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : walk(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * Every file that is, or by its place would be, in the repository; paths relative to `root` with `/`.
 * Without git (an unpacked archive) the folders are walked instead.
 */
export function trackedFiles(root: string = REPOSITORY): string[] {
  if (!existsSync(join(root, '.git'))) return walk(root, '').sort();
  // A checkout made by another user (a container, CI) is "dubious" to git; we only list names.
  const args = ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: MAX_BUFFER_BYTES }).split('\0');
  const isFile = (name: string): boolean => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true;
  return [...new Set(names)].filter((name) => name !== '' && isFile(name)).sort();
}
