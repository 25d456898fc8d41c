import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentMark } from '@molecule/adapters/settled';
import { INSTALL_ROOT } from '../../installation/install-root.ts';

/** A plugin source as somebody wrote it, with the folder of this machine where its files are; null = it has to be fetched. */
export interface SourcePlace {
  /** One spelling for each place, so that a plugin is taken out by the name under which it was put in. */
  readonly source: string;
  readonly folder: string | null;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
/** Folders in which vendors keep their form of the manifest. */
const VENDOR_FOLDER = /^\.[a-z]+-plugin$/;

/** Pure but for looking whether a folder is there: `file:` and plain paths become absolute, `builtin:` is a folder of this installation. */
export function placeOfSource(text: string, cwd: string): SourcePlace {
  if (text.startsWith('builtin:')) {
    const name = text.slice('builtin:'.length);
    const isPlain = /^[a-z0-9][a-z0-9._-]*$/.test(name);
    return { source: text, folder: isPlain ? join(INSTALL_ROOT, 'plugins', name) : null };
  }
  if (text.startsWith('file:'))
    return folderPlace(text.startsWith('file://') ? fileURLToPath(text) : resolve(cwd, text.slice('file:'.length)));
  if (!SCHEME.test(text)) return folderPlace(resolve(cwd, text));
  return { source: text, folder: null };
}

function folderPlace(folder: string): SourcePlace {
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  return { source: `file:${real}`, folder: real };
}

/** Changes when the manifest, one of `files` or the set of skills changes; null where there is no such folder. Reads a few small files. */
export function stampOfFolder(folder: string, files: readonly string[]): string | null {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return null;
  const contents = [...manifestFiles(folder), ...files].map((name) => [name, contentOf(join(folder, name))]);
  return contentMark(JSON.stringify([contents, skillNames(folder)]));
}

/** Every file that a manifest can be made of: those are JSON, at the top or in a vendor's folder. */
function manifestFiles(folder: string): readonly string[] {
  const jsonIn = (path: string): readonly string[] =>
    readdirSync(join(folder, path)).filter((name) => name.endsWith('.json'));
  const vendors = readdirSync(folder).filter((name) => VENDOR_FOLDER.test(name));
  return [...jsonIn('.'), ...vendors.flatMap((vendor) => jsonIn(vendor).map((name) => join(vendor, name)))].sort();
}

function skillNames(folder: string): readonly string[] {
  const skills = join(folder, 'skills');
  if (!existsSync(skills)) return [];
  return readdirSync(skills)
    .filter((name) => existsSync(join(skills, name, 'SKILL.md')))
    .sort();
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
