// The agent CLIs that tests drive live in tests/runtimes with a lockfile of their own, so that the product never downloads them.
// Their install scripts run: some of these CLIs fetch or place their binary there.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NPM_CI, run } from './command.mjs';
import { withNode } from './dependencies.mjs';
import { acquireLock } from './lock.mjs';
import { step } from './progress.mjs';

/**
 * Installs tests/runtimes when its lockfile is not the one that was installed last. Does nothing where the folder has no lockfile.
 * @param {{root: string, node: string}} options
 */
export async function installRuntimes({ root, node }) {
  const folder = join(root, 'tests', 'runtimes');
  const lockfile = join(folder, 'package-lock.json');
  if (!existsSync(lockfile)) return;
  const stamp = join(folder, 'node_modules', '.installed-lock');
  const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  const lock = await acquireLock(join(root, '.tools', 'lock'));
  try {
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    rmSync(stamp, { force: true });
    await step('tests', 'agent CLIs', () =>
      run({
        argv: [...NPM_CI.filter((argument) => argument !== '--ignore-scripts'), '--ignore-scripts=false'],
        cwd: folder,
        env: withNode(node),
        logFile: join(root, '.tools', 'runtimes.log'),
        onPid: lock.noteChild,
        hint: "Check the network, npm's registry setting and the free disk space, then run this again.",
      }),
    );
    writeFileSync(stamp, hash);
  } finally {
    lock.release();
  }
}
