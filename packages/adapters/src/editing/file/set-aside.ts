import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, realpath, rename, unlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Outcome, ok } from '../outcome.ts';
import { type FileError, fileError, systemCode } from './file-error.ts';
import { withFileLock } from './file-lock.ts';

const DIGEST_CHARS = 12;

/**
 * Moves a file nobody can parse out of the way, to `NAME.corrupt-DIGEST` beside it, so that it can be rebuilt and nothing is lost
 * (B55). Gives the new place; undefined when the file changed meanwhile and is worth reading again. `judged` is the text that was
 * found broken, where it could be read at all. A crash in the middle leaves the file under one of its two names.
 */
export async function setAside(
  path: string,
  judged: string | undefined,
): Promise<Outcome<string | undefined, FileError>> {
  const target = await realpath(path).catch(() => path);
  return withFileLock(target, async () => {
    try {
      const digest = await fileDigest(target);
      if (judged !== undefined && digest !== createHash('sha256').update(judged).digest('hex')) return ok(undefined);
      const aside = `${target}.corrupt-${digest.slice(0, DIGEST_CHARS)}`;
      await rename(target, aside);
      if ((await fileDigest(aside)) === digest) return ok(aside);
      // It was healed between judging and moving: give it back unless something new stands there already.
      await link(aside, target);
      await unlink(aside);
      return ok(undefined);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'EEXIST') return ok(undefined);
      return fileError('unwritable', path, `${path} could not be set aside.`, code);
    }
  });
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
