import { chmodSync, copyFileSync, readdirSync, realpathSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MANAGEMENT_LAUNCHER } from '@molecule/contracts';

/** Copies the launcher to where every box finds it first, replaced by rename: boxes may be starting it at this moment (B53). */
export function installLauncher(file: string, binFolder: string): void {
  const place = join(binFolder, MANAGEMENT_LAUNCHER);
  const draft = `${place}.${process.pid}`;
  copyFileSync(file, draft);
  chmodSync(draft, 0o755);
  renameSync(draft, place);
}

/** Real paths that every box must be able to read: the folder of launchers with what its links lead to, and this Node. */
export function sharedReadPaths(binFolder: string): string[] {
  const targets = readdirSync(binFolder).map((name) => realpathSync(join(binFolder, name)));
  const node = dirname(dirname(realpathSync(process.execPath)));
  return [
    ...new Set([
      realpathSync(binFolder),
      ...targets,
      ...(node === '/' || node === '/usr' || node === '/usr/local' ? [] : [node]),
    ]),
  ].filter((path, _, all) => !all.some((other) => other !== path && path.startsWith(`${other}/`)));
}
