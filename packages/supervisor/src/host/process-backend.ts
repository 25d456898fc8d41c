import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxProcess, SpawnPlan } from '@molecule/adapters';
import {
  type AllowedHost,
  createSandbox,
  endLeftovers,
  type HostFacts,
  IsolationMeter,
  type IsolationPolicy,
  readHostFacts,
  runInGroup,
  type Sandbox,
} from '@molecule/backends';
import type { Isolation, MeasuredIsolation } from '@molecule/contracts';
import { asBoxProcess } from './adapter-process.ts';
import type { BoxBackend, BoxWalls, OpenBox } from './box-backend.ts';

export interface ProcessBackendOptions {
  /** Folder for the few files of which sandboxes are made. */
  readonly stateFolder: string;
  /** `none` runs boxes without walls, and says so. Default: what the machine can do. */
  readonly sandbox?: 'auto' | 'none';
}

const SWITCHED_OFF: MeasuredIsolation = {
  backend: 'process',
  mechanism: 'none',
  reason: 'switched off',
  measured: true,
  filesystem: 'not_enforced',
  processes: 'not_enforced',
  network: 'not_enforced',
  user: 'not_enforced',
};

/** Boxes as processes of this machine, behind the best walls it has. */
export function processBackend(options: ProcessBackendOptions): BoxBackend {
  const isOff = options.sandbox === 'none';
  let facts: Promise<{ host: HostFacts; meter: IsolationMeter }> | null = null;
  const machine = () => {
    facts ??= readHostFacts().then((host) => ({ host, meter: new IsolationMeter(host) }));
    return facts;
  };
  // The last measurement by kind of walls, for boxes that are opened later.
  const measured = new Map<string, MeasuredIsolation>();
  return {
    describe: async () => {
      if (isOff) return SWITCHED_OFF;
      const { bubblewrap, nsenter, platform } = (await machine()).host;
      const mechanism = bubblewrap === null || bubblewrap.failure !== null ? 'none' : 'bubblewrap';
      return {
        backend: 'process',
        mechanism,
        version: bubblewrap?.version.join('.') ?? null,
        canLimitNetwork: mechanism !== 'none' && nsenter !== null,
        platform,
      };
    },
    open: async (walls) => {
      mkdirSync(walls.recordFolder, { recursive: true, mode: 0o700 });
      const sandbox = isOff ? null : await createSandbox(policyOf(walls, options.stateFolder), (await machine()).host);
      return new ProcessBox(walls, sandbox, measured.get(kindOf(walls)));
    },
    measure: async (walls) => {
      if (isOff) return SWITCHED_OFF;
      // In a folder of its own and without the readable ones: what holds there holds for every box of this kind, and one measurement serves them all.
      const folder = join(options.stateFolder, 'probe-box');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const policy = { ...policyOf(walls, options.stateFolder), writable: [folder], readable: [] };
      const report = await (await machine()).meter.measure({
        ...policy,
        identity: { ...policy.identity, home: folder },
      });
      const found: MeasuredIsolation = { backend: 'process', measured: true, ...report };
      // A shortfall may pass, like a control plane that did not answer; a machine without walls stays one.
      if (report.reason === undefined || report.mechanism === 'none') measured.set(kindOf(walls), found);
      return found;
    },
    endLeftovers: async (folder) => {
      let count = 0;
      for (const name of namesIn(folder)) count += await endLeftovers(join(folder, name));
      return count;
    },
  };
}

function kindOf(walls: BoxWalls): string {
  return JSON.stringify([walls.apiUrl, walls.egress.length > 0]);
}

/** States: open (processes may come and go), closed. Invariant: a process is in `#processes` until nothing of it is left. */
class ProcessBox implements OpenBox {
  readonly isolation: Isolation;
  readonly #walls: BoxWalls;
  readonly #sandbox: Sandbox | null;
  readonly #processes = new Set<BoxProcess>();

  constructor(walls: BoxWalls, sandbox: Sandbox | null, measured: MeasuredIsolation | undefined) {
    this.#walls = walls;
    this.#sandbox = sandbox;
    this.isolation =
      sandbox === null
        ? SWITCHED_OFF
        : (measured ?? {
            backend: 'process',
            mechanism: sandbox.mechanism,
            shortfall: sandbox.shortfall ?? null,
            measured: false,
          });
  }

  async spawn(plan: SpawnPlan): Promise<BoxProcess> {
    const started = await runInGroup(plan, {
      ...(this.#sandbox === null ? {} : { sandbox: this.#sandbox }),
      stdin: 'pipe',
      recordFile: join(this.#walls.recordFolder, randomUUID()),
    });
    const child = asBoxProcess(started);
    this.#processes.add(child);
    const forget = () => void this.#processes.delete(child);
    started.ended.then(forget, forget);
    return child;
  }

  async close(graceMs: number): Promise<void> {
    await Promise.allSettled([...this.#processes].map((child) => child.end(graceMs)));
    this.#sandbox?.close();
  }
}

function policyOf(walls: BoxWalls, stateFolder: string): IsolationPolicy {
  const api = new URL(walls.apiUrl);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(api.hostname);
  const apiPort = Number(api.port || (api.protocol === 'https:' ? 443 : 80));
  const hosts: AllowedHost[] = walls.egress.flatMap((entry) => {
    const at = entry.lastIndexOf(':');
    return at <= 0 ? [] : [{ host: entry.slice(0, at), port: Number(entry.slice(at + 1)) }];
  });
  const uid = process.getuid?.() ?? 1000;
  return {
    writable: walls.writable,
    readable: walls.readable,
    hidden: [],
    egress: {
      controlPlanePort: isLocal ? apiPort : null,
      hosts: isLocal ? hosts : [...hosts, { host: api.hostname, port: apiPort, privateAddress: true }],
    },
    // The environment of a box is made from nothing (boxEnvironment), so there is nothing to filter out.
    environment: ['*'],
    identity: {
      uid: uid === 0 ? 1000 : uid,
      gid: uid === 0 ? 1000 : (process.getgid?.() ?? 1000),
      name: 'agent',
      home: walls.home,
    },
    limits: {},
    stateDirectory: stateFolder,
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
