import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runInGroup } from './box-process.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import type { IsolationPolicy } from './isolation-policy.ts';
import { PROBE_SCRIPT, type ProbeFindings, type ProbeOrder } from './isolation-probe.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

export type Enforcement = 'enforced' | 'not_enforced';

/** The isolation that is really in force, found by trying to break it. */
export interface IsolationReport {
  readonly mechanism: Sandbox['mechanism'];
  readonly filesystem: Enforcement;
  readonly processes: Enforcement;
  readonly network: Enforcement;
  readonly user: Enforcement;
  /** What was possible and should not have been, or the other way round; absent where everything held. */
  readonly reason?: string;
  /** What the operator can do about it. */
  readonly hint?: string;
}

const PROBE_LIMIT_MS = 15_000;
const NOTHING_HELD: Pick<IsolationReport, 'filesystem' | 'processes' | 'network' | 'user'> = {
  filesystem: 'not_enforced',
  processes: 'not_enforced',
  network: 'not_enforced',
  user: 'not_enforced',
};

/**
 * Starts a program under the policy that tries what it must not: write outside, read hidden paths, see and signal other processes, connect to a port of
 * the machine; and what it must: write the own folder, reach the control plane. Takes 150 to 250 ms.
 *
 * What it tells is true of this machine and kind of policy; `IsolationMeter` keeps it.
 */
export async function measureIsolation(policy: IsolationPolicy, facts?: HostFacts): Promise<IsolationReport> {
  const host = facts ?? (await readHostFacts());
  // The probe is a Node program; a policy for other runtimes need not have Node in it.
  const sandbox = await createSandbox({ ...policy, readable: [...policy.readable, process.execPath] }, host);
  mkdirSync(policy.stateDirectory, { recursive: true, mode: 0o700 });
  const directory = mkdtempSync(join(policy.stateDirectory, 'probe-'));
  const canaryFile = join(directory, 'canary');
  writeFileSync(canaryFile, 'canary');
  const canaryText = `CANARY=${randomUUID()}`;
  const canary = spawn('sleep', ['60'], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], CANARY: canaryText.slice('CANARY='.length) },
  });
  const listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  try {
    await Promise.all([once(listener, 'listening'), once(canary, 'spawn')]);
    const address = listener.address();
    const order: ProbeOrder = {
      ownFolder: policy.writable[0] ?? policy.identity.home,
      open: [...policy.writable, ...policy.readable, process.execPath],
      hidden: policy.hidden,
      canaryFile,
      canaryPid: canary.pid ?? 0,
      canaryText,
      forbiddenPort: typeof address === 'object' && address !== null ? address.port : 0,
      controlPlanePort: policy.egress.controlPlanePort,
    };
    const run = await runProbe(order, sandbox);
    return {
      mechanism: sandbox.mechanism,
      ...('failure' in run ? { ...NOTHING_HELD, reason: run.failure } : judge(run, sandbox)),
      ...hintFor(sandbox, host),
    };
  } finally {
    canary.kill('SIGKILL');
    listener.close();
    sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Turns what the probe found into the report. One breach is enough for a promise not to hold. */
function judge(findings: ProbeFindings, sandbox: Sandbox): Omit<IsolationReport, 'mechanism' | 'hint'> {
  const held = (breaches: readonly string[]): Enforcement => (breaches.length === 0 ? 'enforced' : 'not_enforced');
  const { filesystem, processes, network, user } = findings;
  const reasons = [
    ...(sandbox.shortfall === undefined ? [] : [sandbox.shortfall]),
    ...filesystem,
    ...processes,
    ...network,
    ...user,
  ];
  return {
    filesystem: held(filesystem),
    processes: held(processes),
    network: held(network),
    user: held(user),
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
  };
}

async function runProbe(order: ProbeOrder, sandbox: Sandbox): Promise<ProbeFindings | { readonly failure: string }> {
  const command = {
    command: process.execPath,
    args: ['-e', PROBE_SCRIPT, JSON.stringify(order)],
    env: {},
    cwd: order.ownFolder,
  };
  const run = await runInGroup(command, { sandbox });
  const timer = setTimeout(() => void run.end({ graceMs: 0 }), PROBE_LIMIT_MS);
  const lines = { stdout: '', stderr: '' };
  for await (const event of run.output) if (event.type === 'line') lines[event.stream] += `${event.text}\n`;
  clearTimeout(timer);
  const exit = await run.ended;
  // The probe is our own program, and it prints one document of this form or fails.
  if (exit.code === 0 && lines.stdout !== '') return JSON.parse(lines.stdout) as ProbeFindings;
  return {
    failure: `no program can be started under this policy: ${lines.stderr.trim().slice(0, 500) || `exit code ${exit.code}`}`,
  };
}

function hintFor(sandbox: Sandbox, host: HostFacts): { readonly hint?: string } {
  if (host.platform !== 'linux')
    return { hint: 'Run the box host on Linux, or trust what the agents of this machine do.' };
  if (host.bubblewrap === null)
    return {
      hint: 'Install bubblewrap: `apt-get install bubblewrap` (or `dnf`, `apk`, `pacman`), then restart the box host.',
    };
  if (host.bubblewrap.failure !== null) {
    return {
      hint: 'Permit user namespaces: `sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu `kernel.apparmor_restrict_unprivileged_userns=0`, in Docker `--security-opt seccomp=unconfined`.',
    };
  }
  if (host.nsenter === null) return { hint: 'Install util-linux, which has `nsenter`, then restart the box host.' };
  return sandbox.shortfall === undefined ? {} : { hint: 'Let the box host create network namespaces.' };
}
