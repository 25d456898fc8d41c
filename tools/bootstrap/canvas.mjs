// The web app's bundle, which unlike tsc cannot tell by itself that nothing changed.
//
// Stamp (`packages/canvas/dist/.built`): its time is the moment the build started. The bundler empties the folder first,
// so a build that was interrupted leaves no stamp and is done again.

import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { withNode } from './dependencies.mjs';

const BUILT = new Set(['dist', 'node_modules']);

/**
 * Latest change under a path, in milliseconds since the epoch.
 * @param {string} path
 * @returns {number}
 */
function latestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.ctimeMs;
  const inside = readdirSync(path).filter((name) => !BUILT.has(name));
  return Math.max(...inside.map((name) => latestChange(join(path, name))), 0);
}

/**
 * Builds packages/canvas when its sources, the contracts it shares or the lockfile changed since the last build.
 * @param {{root: string, node: string, logFile: string, hint: string, onPid: (pid: number | undefined) => void}} options
 */
export async function buildCanvas({ root, node, logFile, hint, onPid }) {
  const folder = join(root, 'packages', 'canvas');
  if (!existsSync(join(folder, 'package.json'))) return;
  const stamp = join(folder, 'dist', '.built');
  const inputs = [folder, join(root, 'packages', 'contracts', 'src'), join(root, 'package-lock.json')];
  if (existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...inputs.map(latestChange))) return;
  const startedAt = new Date();
  const argv = ['npm', 'run', 'build', '-w', 'packages/canvas', '--if-present'];
  await run({ argv, cwd: root, env: withNode(node), logFile, onPid, hint });
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt);
}
