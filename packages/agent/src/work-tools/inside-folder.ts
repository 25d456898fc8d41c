import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/**
 * Absolute path of `path` inside `folder`; throws when it lies outside, by `..` or through a symlink. The sandbox is the wall,
 * this keeps an agent from straying on machines that have none.
 */
export async function insideFolder(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const wanted = resolve(root, path);
  const real = await nearestRealPath(wanted);
  if (!isWithin(root, real)) throw new Error(`${path} is outside the working folder.`);
  return wanted;
}

async function nearestRealPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await nearestRealPath(parent), relative(parent, path));
  }
}

function isWithin(root: string, path: string): boolean {
  const step = relative(root, path);
  return step === '' || (!step.startsWith('..') && !isAbsolute(step));
}
