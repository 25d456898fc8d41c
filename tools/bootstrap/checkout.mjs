// Makes a checkout runnable: Node, dependencies, build. Used by the launcher (`./molecule`) and by `npm test`.
// Plain JavaScript without dependencies that runs on Node 20.20, because it is what fetches everything newer.
//
// Stamp (`.tools/launch`): the Node to run with; its time is the moment the build started, so that the launcher can tell by
// file times alone whether a source changed since. It is written last. Every step before it is idempotent, so a run that is
// interrupted anywhere is finished by the next one.

import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCanvas } from './canvas.mjs';
import { interrupt, run } from './command.mjs';
import { install, missingMode, withNode } from './dependencies.mjs';
import { acquireLock, sweepWaiters } from './lock.mjs';
import { fetchNode, findNode, requireLauncherNode } from './node.mjs';
import { BootstrapError, step } from './progress.mjs';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @typedef {import('./progress.mjs').BootstrapError} Failure */

/**
 * Brings Node, dependencies and build up to date and returns the path of the Node to use.
 * `prod` installs what running and building needs and builds the product; `full` adds the development packages and the test kit.
 * With `keepGoing` a failed build is returned instead of thrown, so that the tests can still say what they have to say.
 * @param {{mode: 'prod' | 'full', keepGoing?: boolean, root?: string}} options
 * @returns {Promise<{node: string, buildError: Failure | undefined}>}
 */
export async function prepareCheckout({ mode, keepGoing = false, root = ROOT }) {
  requireLauncherNode();
  const tools = join(root, '.tools');
  try {
    mkdirSync(tools, { recursive: true });
    accessSync(tools, constants.W_OK);
  } catch (error) {
    throw new BootstrapError(
      `cannot write in ${root}: ${error.message}`,
      'Run this as the user who owns the checkout.',
    );
  }
  const lock = await acquireLock(join(tools, 'lock'));
  // The child ends, its step fails and cleans up after itself, and only then the lock goes.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await bringUpToDate({ root, tools, mode, keepGoing, onPid: lock.noteChild });
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
    lock.release();
  }
}

/**
 * @param {{root: string, tools: string, mode: 'prod' | 'full', keepGoing: boolean, onPid: (pid: number | undefined) => void}} options
 */
async function bringUpToDate({ root, tools, mode, keepGoing, onPid }) {
  // We hold the lock, so whoever made these folders was killed.
  for (const name of readdirSync(tools)) {
    if (name.startsWith('tmp-')) rmSync(join(tools, name), { recursive: true, force: true });
  }
  sweepWaiters(join(tools, 'lock'));
  const logFile = join(tools, 'bootstrap.log');
  const found = findNode(tools);
  const node = found ?? (await step('1/3', 'Node of its own', () => fetchNode({ toolsDir: tools, logFile, onPid })));
  const lacking = missingMode(root, mode);
  if (lacking !== undefined) {
    await step('2/3', `dependencies (${lacking})`, () => install({ root, mode: lacking, node, logFile, onPid }));
  }
  const startedAt = new Date();
  try {
    await step('3/3', 'build', () => build({ root, mode, node, logFile, onPid }));
  } catch (error) {
    if (!keepGoing || !(error instanceof BootstrapError)) throw error;
    return { node, buildError: error };
  }
  const stamp = join(tools, 'launch');
  writeFileSync(`${stamp}.new`, `${node}\n`);
  utimesSync(`${stamp}.new`, startedAt, startedAt);
  renameSync(`${stamp}.new`, stamp);
  return { node, buildError: undefined };
}

/** @param {{root: string, mode: 'prod' | 'full', node: string, logFile: string, onPid: (pid: number | undefined) => void}} options */
async function build({ root, mode, node, logFile, onPid }) {
  const config = mode === 'prod' ? 'tsconfig.build.json' : 'tsconfig.json';
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const hint = 'A fresh clone builds without errors: look at what was changed in the sources.';
  await run({ argv: [node, compiler, '-b', config], cwd: root, env: withNode(node), logFile, onPid, hint });
  await buildCanvas({ root, node, logFile, hint, onPid });
}
