import { rename, writeFile } from 'node:fs/promises';

/** Writes a file whole or not at all, readable by its owner only. */
export async function writePrivate(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}
