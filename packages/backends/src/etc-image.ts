import { createHash, type Hash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_CONFIGURATION, SYSTEM_SECRETS } from './system-paths.ts';

/** How long an image that was checked counts as right: the check looks at some 700 entries. */
const CHECKED_FOR_MS = 60_000;
const checked = new Map<string, { readonly image: string; readonly at: number }>();

/**
 * Makes the `/etc` of boxes: a copy of the machine's entries that programs need, with empty tables of users and groups as places for the box's own (see
 * `writeIdentityTables`). One directory is one mount; the thirty entries mounted one by one cost 4 to 5 ms more at each start (bubblewrap reads its mount
 * table again for each).
 *
 * The directory is named by what it holds, so a change on the machine makes a new one, and all boxes share it: it holds nothing of a single box. A
 * crash leaves at most a draft that the next call by the same process number replaces; a finished directory is complete by rename.
 *
 * @returns its path below `stateDirectory`. Takes 20 ms or more the first time, 2 ms once a minute, else nothing.
 */
export function makeEtcImage(stateDirectory: string): string {
  const known = checked.get(stateDirectory);
  if (known !== undefined && performance.now() - known.at < CHECKED_FOR_MS && existsSync(known.image))
    return known.image;
  const image = currentImage(stateDirectory);
  checked.set(stateDirectory, { image, at: performance.now() });
  return image;
}

function currentImage(stateDirectory: string): string {
  const hash = createHash('sha256').update('empty tables');
  for (const path of SYSTEM_CONFIGURATION) addToHash(hash, path);
  const image = join(stateDirectory, `etc-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(image)) return image;

  const draft = `${image}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  for (const path of SYSTEM_CONFIGURATION) copy(path, join(draft, path.slice('/etc/'.length)));
  for (const name of ['passwd', 'group']) writeFileSync(join(draft, name), '', { mode: 0o644 });
  try {
    renameSync(draft, image);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another host process was quicker with the same content.
    if (!existsSync(image)) throw error;
  }
  return image;
}

function addToHash(hash: Hash, path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || SYSTEM_SECRETS.includes(path)) return;
  hash.update(`${path}\0${stat.mode}\0${stat.size}\0${stat.mtimeMs}\0`);
  if (stat.isDirectory()) for (const name of entriesOf(path)) addToHash(hash, join(path, name));
}

function copy(from: string, to: string): void {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined || SYSTEM_SECRETS.includes(from)) return;
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
  } else if (stat.isDirectory()) {
    mkdirSync(to, { mode: 0o755 });
    for (const name of entriesOf(from)) copy(join(from, name), join(to, name));
  } else if (stat.isFile() && (stat.mode & 0o004) !== 0) {
    // What only root may read on the machine is not for a box, even where the box host is root.
    copyFileSync(from, to);
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
