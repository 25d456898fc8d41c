import { readdir, readFile, writeFile } from 'node:fs/promises';
import { UsageError } from '../output/usage-error.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

/** Text of a file that the command line names. @throws UsageError that says why it cannot be read */
export function readGivenFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(refuse(path, 'read'));
}

/** The same as JSON. @throws UsageError */
export async function readGivenJson(path: string): Promise<unknown> {
  const text = await readGivenFile(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws UsageError that says why it cannot be written */
export async function writeGivenFile(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch(refuse(path, 'written'));
}

/** @throws UsageError when it is no folder that can be read */
export async function checkGivenFolder(path: string): Promise<void> {
  await readdir(path).catch(refuse(path, 'read'));
}

function refuse(path: string, deed: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const why = WORDS[error.code ?? ''];
    if (why === undefined) throw error;
    throw new UsageError(`${path} cannot be ${deed}: ${why}.`);
  };
}
