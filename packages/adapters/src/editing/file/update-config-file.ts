import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, ok } from '../outcome.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { type FileError, fileError } from './file-error.ts';
import { withFileLock } from './file-lock.ts';
import { replaceFile } from './replace-file.ts';

/** Attempts before a file that foreign writers keep changing is given up as contested. */
const MAX_ATTEMPTS = 16;
/** A file that was touched this recently and is empty or broken may be half of a foreign in-place write. */
const QUIET_MS = 500;
const SETTLE_MS = 25;
const MAX_SETTLE_READS = QUIET_MS / SETTLE_MS;

/** What a pure transformation wants: the text to have (undefined: no file) and whatever it reports. */
export interface Wanted<R> {
  readonly text: string | undefined;
  readonly report: R;
}

export interface Updated<R> {
  readonly report: R;
  readonly written: boolean;
  /** How often a foreign writer was met: 0 in peace. */
  readonly foreignWrites: number;
  readonly file: ConfigFile;
}

export interface UpdateOptions<R> {
  /** Runs after the new content is safe in a temporary file and before it takes the place of the old: save a ledger here. */
  readonly beforeReplace?: (report: R) => Promise<void>;
}

type Transform<R, E> = (text: string | undefined) => Outcome<Wanted<R>, E>;

interface Plan<R> {
  readonly file: ConfigFile;
  readonly wanted: Wanted<R>;
}

/**
 * Reads, transforms and writes a file so that no writer's entry is lost (B56, T27): no write and no new mtime when the text
 * stays the same; one writer of ours at a time; a file that changed since it was read is read and transformed again; a file
 * that a foreign writer overwrote right after is done again. `transform` must be pure: it may run several times.
 */
export async function updateConfigFile<R, E>(
  path: string,
  transform: Transform<R, E>,
  options: UpdateOptions<R> = {},
): Promise<Outcome<Updated<R>, E | FileError>> {
  const first = await planned(path, transform);
  if (!first.ok) return first;
  const { file, wanted } = first.value;
  if (wanted.text === file.text) return ok({ report: wanted.report, written: false, foreignWrites: 0, file });
  // The lock speaks of files only; a refusal of the transformation travels through it as a value.
  const done = await withFileLock(file.target, async () => ok(await attempts(path, transform, options)));
  return done.ok ? done.value : done;
}

async function attempts<R, E>(
  path: string,
  transform: Transform<R, E>,
  options: UpdateOptions<R>,
): Promise<Outcome<Updated<R>, E | FileError>> {
  let foreignWrites = 0;
  let written = false;
  /** A foreign text that our rename put aside before anyone could read it; it counts more than what is on disk. */
  let rescued: string | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const plan = await planned(path, transform, rescued);
    if (!plan.ok) return plan;
    const { file, wanted } = plan.value;
    if (wanted.text === file.text) return ok({ report: wanted.report, written, foreignWrites, file });
    const replaced = await replaceFile(file, wanted.text, {
      beforeReplace: async () => options.beforeReplace?.(wanted.report),
    });
    if (!replaced.ok) return replaced;
    rescued = replaced.value.kind === 'overtaken' ? replaced.value.text : undefined;
    if (replaced.value.kind !== 'stale') written = true;
    if (replaced.value.kind !== 'written') {
      foreignWrites += 1;
      continue;
    }
    const after = await readConfigFile(path);
    if (!after.ok) return after;
    if (after.value.text === wanted.text)
      return ok({ report: wanted.report, written, foreignWrites, file: after.value });
    foreignWrites += 1;
  }
  return fileError('contested', path, `${path} was changed by another program ${MAX_ATTEMPTS} times in a row.`);
}

/**
 * Reads and transforms. An empty, broken or refused text is believed only when the file has been quiet for a while: taking a
 * half-written file for a blank or a corrupt one would throw away its owner's entries.
 */
async function planned<R, E>(
  path: string,
  transform: Transform<R, E>,
  rescued?: string,
): Promise<Outcome<Plan<R>, E | FileError>> {
  for (let reads = 0; ; reads += 1) {
    const file = await readConfigFile(path);
    const isLastRead = reads >= MAX_SETTLE_READS;
    if (!file.ok) {
      if (file.error.code !== 'binary' || isLastRead) return file;
    } else {
      const text = rescued ?? file.value.text;
      const wanted = transform(text);
      const isDoubtful = rescued === undefined && (!wanted.ok || (text === '' && wanted.value.text !== text));
      if (!isDoubtful || isLastRead || isQuiet(file.value)) {
        return wanted.ok ? ok({ file: file.value, wanted: wanted.value }) : wanted;
      }
    }
    await pause(SETTLE_MS);
  }
}

function isQuiet(file: ConfigFile): boolean {
  return file.stats === undefined || Date.now() - file.stats.mtimeMs >= QUIET_MS;
}
