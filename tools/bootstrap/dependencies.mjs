// Whether node_modules is what the lockfile says, and `npm ci` when it is not.
//
// Stamp (`.tools/installed.json`): the lockfile's hash and the mode, `prod` or `full`; full satisfies prod.
// It is removed before npm starts and written after npm ended well, so an interrupted install is always done again.
// A tree that npm itself keeps current (`npm i` by a developer) is adopted without another install: npm's own record of what
// is installed (`node_modules/.package-lock.json`) has to agree with the lockfile entry by entry.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { NPM_CI, run } from './command.mjs';

/** @typedef {'prod' | 'full'} Mode */

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} root */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** @param {string} root */
const stampFile = (root) => join(root, '.tools', 'installed.json');

/**
 * @param {string} root
 * @param {Mode} mode
 */
function writeStamp(root, mode) {
  const file = stampFile(root);
  writeFileSync(`${file}.new`, `${JSON.stringify({ lockHash: lockHash(root), mode })}\n`);
  renameSync(`${file}.new`, file);
}

/**
 * Whether npm's record of the installed tree holds every entry of the lockfile that `mode` needs, at the same content.
 * Optional entries may be absent: they are for other platforms.
 * @param {string} root
 * @param {Mode} mode
 */
function treeMatches(root, mode) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const found = present[path];
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || (entry.dev === true && mode === 'prod');
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  });
}

/**
 * The mode an install would have to use, or undefined when the installed tree already serves `mode`.
 * A tree that had the development packages keeps them.
 * @param {string} root
 * @param {Mode} mode
 * @returns {Mode | undefined}
 */
export function missingMode(root, mode) {
  const stamp = readJson(stampFile(root));
  const served = stamp?.mode === 'full' || stamp?.mode === mode;
  if (served && stamp.lockHash === lockHash(root) && existsSync(join(root, 'node_modules'))) return undefined;
  for (const candidate of /** @type {Mode[]} */ (mode === 'full' ? ['full'] : ['full', 'prod'])) {
    if (treeMatches(root, candidate)) {
      writeStamp(root, candidate);
      return undefined;
    }
  }
  return stamp?.mode === 'full' ? 'full' : mode;
}

/**
 * Installs by the lockfile, without running any package's install script.
 * @param {{root: string, mode: Mode, node: string, logFile: string, onPid: (pid: number | undefined) => void}} options
 */
export async function install({ root, mode, node, logFile, onPid }) {
  rmSync(stampFile(root), { force: true });
  const omit = mode === 'prod' ? ['--omit=dev'] : [];
  await run({
    argv: [...NPM_CI, ...omit],
    cwd: root,
    env: withNode(node),
    logFile,
    onPid,
    hint: "Check the network, npm's registry setting and the free disk space, then run this again.",
  });
  writeStamp(root, mode);
}

/**
 * The environment in which `node` and what npm starts resolve to the given Node.
 * A Node from a distribution trusts the system's certificates, one from the registry only its own list: without this, npm behind
 * a company's proxy would work on the machine's Node and fail on ours.
 * @param {string} node
 */
export function withNode(node) {
  return { NODE_USE_SYSTEM_CA: '1', ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}
