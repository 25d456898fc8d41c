import { statSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALL_ROOT, VERSION } from '../../installation/install-root.ts';

/** Names the program that renders: its version, its place, and when the launcher last built it. */
export function renderingBuild(): string {
  const built = statSync(join(INSTALL_ROOT, '.tools', 'launch'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return `${VERSION} ${INSTALL_ROOT} ${built}`;
}
