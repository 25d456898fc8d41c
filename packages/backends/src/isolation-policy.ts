import { isAbsolute, normalize } from 'node:path';
import { MoleculeError } from '@molecule/contracts';

/** One destination outside the box. `*.example.com` stands for every name below `example.com`, not for itself. */
export interface AllowedHost {
  readonly host: string;
  readonly port: number;
  /** True lets the name lead to a loopback, private or link-local address. Absent: such addresses are refused. */
  readonly privateAddress?: boolean;
}

/** What the box may connect to. No port and no host: nothing at all. */
export interface EgressPolicy {
  /** Port of the control plane on the machine's 127.0.0.1; it answers under the same address inside the box. */
  readonly controlPlanePort: number | null;
  /** Destinations reached through the box's own proxy, which `HTTPS_PROXY` and its like point at. */
  readonly hosts: readonly AllowedHost[];
}

/** Who the agent is inside the box. Files it writes belong to the box host's user outside. */
export interface BoxIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** Home directory as the agent sees it: a folder under one of the writable paths. */
  readonly home: string;
}

export interface BoxLimits {
  /** Processes and threads at once, all turns of the box together. A Node program has about a dozen threads. */
  readonly maxProcesses?: number;
}

/**
 * What one box may touch: plain data, made by the supervisor, enforced by `createSandbox` and checked by
 * `measureIsolation`. Whatever is named nowhere is out of reach. Of two nested paths the deeper one decides.
 */
export interface IsolationPolicy {
  /** Absolute paths that the box may change: the workspace's own folder. */
  readonly writable: readonly string[];
  /** Absolute paths that the box may read besides the operating system's programs and libraries. */
  readonly readable: readonly string[];
  /** Absolute paths that stay empty even where a path above them is open. */
  readonly hidden: readonly string[];
  readonly egress: EgressPolicy;
  /** Names of environment variables that may enter the box; `LC_*` stands for every name with that beginning. */
  readonly environment: readonly string[];
  readonly identity: BoxIdentity;
  readonly limits: BoxLimits;
  /** Directory of the box host, not of the box, for the few files that a sandbox is made from. */
  readonly stateDirectory: string;
}

/**
 * Refuses a policy that could not hold.
 *
 * A readable path below a writable one is refused: the agent could put a symbolic link in its place and have
 * anything on the machine shown to it at its next turn.
 *
 * @throws MoleculeError `invalid_request` that names the path or port.
 */
export function checkPolicy(policy: IsolationPolicy): void {
  const paths = [...policy.writable, ...policy.readable, ...policy.hidden, policy.stateDirectory, policy.identity.home];
  for (const path of paths) {
    if (!isAbsolute(path) || normalize(path) !== path || path.includes('\0'))
      refuse(`"${path}" is not a plain absolute path`);
  }
  for (const path of [...policy.writable, ...policy.readable, ...policy.hidden]) {
    // A box has its own root directory, /proc and /dev; the machine's would undo what the sandbox is for.
    if (path === '/' || isWithin(path, '/proc') || isWithin(path, '/dev')) refuse(`"${path}" cannot be given to a box`);
  }
  for (const path of policy.writable) {
    if (policy.hidden.includes(path)) refuse(`"${path}" is both writable and hidden`);
    const inside = policy.readable.find((readable) => isWithin(readable, path));
    if (inside !== undefined) refuse(`the readable path "${inside}" lies within the writable path "${path}"`);
  }
  const ports = [policy.egress.controlPlanePort, ...policy.egress.hosts.map((host) => host.port)];
  for (const port of ports) {
    if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65_536)) refuse(`${port} is not a port`);
  }
}

/** True where `path` is `ancestor` or lies below it. Both are normalised absolute paths. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);
}

/** The variables of `given` that the policy lets in. */
export function allowedEnvironment(
  policy: IsolationPolicy,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const admits = (name: string) =>
    policy.environment.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
  return Object.fromEntries(Object.entries(given).filter(([name]) => admits(name)));
}

function refuse(detail: string): never {
  throw new MoleculeError('invalid_request', { params: { detail: `isolation policy: ${detail}` } });
}
