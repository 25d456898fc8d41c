import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';

/** A log is moved aside at the start of a run once it is larger than this. */
const ROTATE_BYTES = 16 * 1024 * 1024;

/** Opens a log file for appending, readable by its owner only; one older generation is kept. */
export async function openLogFile(path: string): Promise<WriteStream> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > ROTATE_BYTES) await rename(path, `${path}.1`);
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // A full disk must not take the server down; the log is the first thing to do without.
  stream.on('error', () => undefined);
  return stream;
}
