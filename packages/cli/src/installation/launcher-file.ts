import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANAGEMENT_LAUNCHER } from '@molecule/contracts';
import { launcherScriptPath } from '@molecule/management-mcp';
import { interpreterLine } from './interpreter-line.ts';
import { writePrivate } from './private-file.ts';

/**
 * Puts the launcher into the folder that every box has in its PATH, as one executable with this very Node in its first line: no
 * search for Node when an agent starts it (B53: it needs no network).
 */
export async function installLauncher(binDir: string): Promise<string> {
  const script = await readFile(launcherScriptPath(), 'utf8');
  const text = interpreterLine(process.execPath) + script.replace(/^#!.*\n/, '');
  const path = join(binDir, MANAGEMENT_LAUNCHER);
  if ((await readFile(path, 'utf8').catch(() => '')) !== text) await writePrivate(path, text, 0o755);
  await chmod(path, 0o755);
  return path;
}
