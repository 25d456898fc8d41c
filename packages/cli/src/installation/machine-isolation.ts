import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IsolationReport, measureIsolation as measure } from '@molecule/backends';

/** Which walls a box has on this machine, found out by starting one and trying to break out of it. */
export async function measureIsolation(): Promise<IsolationReport> {
  const root = await mkdtemp(join(tmpdir(), 'molecule-doctor-'));
  try {
    const [box, state] = [join(root, 'box'), join(root, 'state')];
    await mkdir(box, { mode: 0o700 });
    await mkdir(state, { mode: 0o700 });
    return await measure({
      writable: [box],
      readable: [process.execPath],
      hidden: [],
      egress: { controlPlanePort: null, hosts: [] },
      environment: ['PATH'],
      identity: { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000, name: 'agent', home: box },
      limits: {},
      stateDirectory: state,
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
