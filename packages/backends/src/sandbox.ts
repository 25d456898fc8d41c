import { MoleculeError } from '@molecule/contracts';
import { bubblewrapArguments } from './bubblewrap-arguments.ts';
import { type EgressBridge, openEgressBridge } from './egress-bridge.ts';
import { makeEtcImage } from './etc-image.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import { writeIdentityTables } from './identity-tables.ts';
import { innerEnvironment } from './inner-environment.ts';
import { allowedEnvironment, checkPolicy, type IsolationPolicy } from './isolation-policy.ts';
import { planMounts } from './mount-plan.ts';
import { readMountFacts } from './path-facts.ts';
import { openProcessLimit } from './process-limit.ts';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/**
 * The way of one box's processes into their isolation.
 *
 * States: open, closed. After `close` its network takes no more connections and `wrap` must not be called. Nothing is shared between two
 * sandboxes, so one box host can keep any number with different policies. A crash of the host leaves no process (`--die-with-parent`) and no
 * network behind. The death signal follows the *thread* that spawned: spawn from the main thread.
 */
export interface Sandbox {
  /** What is really used. `none`: commands run as they are, and only their environment is filtered. */
  readonly mechanism: 'bubblewrap' | 'none';
  /** Why less than the policy is in force; absent where all of it could be set up. */
  readonly shortfall?: string;
  /**
   * The command to start instead of the given one. Takes no time worth naming.
   * @param options.statusDescriptor number of an open descriptor on which bubblewrap reports the processes it made.
   */
  wrap(command: Command, options?: { readonly statusDescriptor?: number }): Command;
  close(): void;
}

/**
 * Prepares the isolation of one box: about 60 ms where the box may reach something, else about nothing; afterwards each
 * start costs 5 to 7 ms.
 *
 * Where the machine cannot isolate, the sandbox still works and says so in `mechanism` and `shortfall`.
 * @throws MoleculeError `invalid_request` for a policy that cannot hold.
 */
export async function createSandbox(policy: IsolationPolicy, facts?: HostFacts): Promise<Sandbox> {
  checkPolicy(policy);
  const host = facts ?? (await readHostFacts());
  if (host.bubblewrap === null || host.bubblewrap.failure !== null) return unconfined(policy, whyNone(host));

  const mountFacts = readMountFacts(policy);
  for (const path of policy.writable) {
    if (!mountFacts.named.has(path))
      throw new MoleculeError('invalid_request', { params: { detail: `isolation policy: there is no "${path}"` } });
  }
  const network = await openNetwork(policy, host.bubblewrap.path, host.nsenter);
  const [major, minor] = host.bubblewrap.version;
  const fixed = bubblewrapArguments({
    mounts: planMounts(policy, mountFacts),
    identity: policy.identity,
    etcImage: makeEtcImage(policy.stateDirectory),
    tables: writeIdentityTables(policy.stateDirectory, policy.identity),
    network: network.kind,
    canDisableNamespaces: major > 0 || minor >= 8,
  });
  const limit = openProcessLimit(policy.limits.maxProcesses, host.uid);
  const { enter } = network.bridge ?? {};
  const start = [
    ...limit.outside,
    ...(enter === undefined ? [] : [enter.command, ...enter.args]),
    host.bubblewrap.path,
  ];
  const [program = host.bubblewrap.path, ...before] = [...start, ...fixed];
  const shortfalls = [network.shortfall, limit.shortfall].filter((each) => each !== undefined);

  return {
    mechanism: 'bubblewrap',
    ...(shortfalls.length === 0 ? {} : { shortfall: shortfalls.join('; ') }),
    wrap: (inner, options = {}) => {
      const status =
        options.statusDescriptor === undefined ? [] : ['--json-status-fd', String(options.statusDescriptor)];
      const { outside, prefix } = innerEnvironment(allowedEnvironment(policy, inner.env));
      const command = [...limit.inside, ...prefix, inner.command, ...inner.args];
      return {
        command: program,
        args: [...before, '--chdir', inner.cwd, ...status, '--', ...command],
        env: {
          ...outside,
          ...network.bridge?.environment,
          HOME: policy.identity.home,
          USER: policy.identity.name,
        },
        cwd: '/',
      };
    },
    close: () => {
      network.bridge?.close();
      limit.close();
    },
  };
}

interface NetworkSetup {
  readonly kind: 'own' | 'joined' | 'shared';
  readonly bridge?: EgressBridge;
  readonly shortfall?: string;
}

async function openNetwork(policy: IsolationPolicy, bubblewrap: string, nsenter: string | null): Promise<NetworkSetup> {
  const { controlPlanePort, hosts } = policy.egress;
  if (controlPlanePort === null && hosts.length === 0) return { kind: 'own' };
  if (nsenter === null)
    return { kind: 'shared', shortfall: 'the network is not limited: nsenter (util-linux) is not installed' };
  try {
    return { kind: 'joined', bridge: await openEgressBridge({ bubblewrap, nsenter }, policy.egress) };
  } catch (error) {
    return {
      kind: 'shared',
      shortfall: `the network is not limited: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function unconfined(policy: IsolationPolicy, shortfall: string): Sandbox {
  return {
    mechanism: 'none',
    shortfall,
    wrap: (inner) => ({ ...inner, env: { ...allowedEnvironment(policy, inner.env), HOME: policy.identity.home } }),
    close: () => undefined,
  };
}

function whyNone(host: HostFacts): string {
  if (host.platform !== 'linux') return `there is no sandbox for ${host.platform} yet`;
  return host.bubblewrap === null
    ? 'bubblewrap is not installed'
    : `bubblewrap does not work here: ${host.bubblewrap.failure}`;
}
