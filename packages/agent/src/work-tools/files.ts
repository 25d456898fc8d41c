import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { boundedText } from './bounded-text.ts';
import { insideFolder } from './inside-folder.ts';

export async function readWorkFile(folder: string, path: string): Promise<string> {
  return boundedText(await readFile(await insideFolder(folder, path), 'utf8'));
}

export async function writeWorkFile(folder: string, path: string, content: string): Promise<string> {
  const target = await insideFolder(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  return `Wrote ${Buffer.byteLength(content)} bytes to ${path}.`;
}

export async function listWorkFiles(folder: string, path: string): Promise<string> {
  const entries = await readdir(await insideFolder(folder, path), { withFileTypes: true });
  const lines = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  return lines.length === 0 ? '(empty)' : boundedText(lines.join('\n'));
}
