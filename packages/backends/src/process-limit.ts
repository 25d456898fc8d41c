import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '@molecule/processes';
import { findExecutable } from './host-facts.ts';

/**
 * A bound on how many processes (threads count, as the kernel counts them) a box has at once.
 *
 * The resource limit does it for an ordinary user. The kernel exempts root from that one, so a box host that is root needs a
 * control group. A crash leaves an empty group, which the next `openProcessLimit` removes.
 */
export interface ProcessLimit {
  /** Goes before the command that enters the sandbox. */
  readonly outside: readonly string[];
  /** Goes before the command within the sandbox. */
  readonly inside: readonly string[];
  /** Why the limit is not in force. */
  readonly shortfall?: string;
  close(): void;
}

const NO_LIMIT: ProcessLimit = { outside: [], inside: [], close: () => undefined };
const GROUP_PREFIX = 'molecule-box-';

export function openProcessLimit(maxProcesses: number | undefined, uid: number): ProcessLimit {
  if (maxProcesses === undefined) return NO_LIMIT;
  if (uid !== 0) {
    // Within the sandbox, because there the count begins anew: outside, all the processes of the user would count.
    const prlimit = findExecutable('prlimit', '/usr/bin:/bin');
    return prlimit === null
      ? shortfall('prlimit (util-linux) is not installed')
      : { ...NO_LIMIT, inside: [prlimit, `--nproc=${maxProcesses}`, '--'] };
  }
  try {
    const parent = ownPidsGroup();
    removeAbandonedGroups(parent);
    const group = join(parent, `${GROUP_PREFIX}${process.pid}-${performance.now().toString(36).replace('.', '')}`);
    mkdirSync(group);
    writeFileSync(join(group, 'pids.max'), String(maxProcesses));
    return {
      outside: ['/bin/sh', '-c', `echo $$ > ${join(group, 'cgroup.procs')} && exec "$@"`, 'sh'],
      inside: [],
      close: () => removeGroup(group),
    };
  } catch (error) {
    return shortfall(error instanceof Error ? error.message : String(error));
  }
}

/** Directory of this process's control group that has the `pids` controller, version 1 or 2. */
function ownPidsGroup(): string {
  const lines = readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const first = lines.find(([, controllers = '']) => controllers.split(',').includes('pids'));
  if (first !== undefined) return join('/sys/fs/cgroup', first[1] ?? '', first[2] ?? '');
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '');
  const group = join('/sys/fs/cgroup', unified?.[2] ?? '');
  // Refused with EBUSY where the group has processes of its own and was not delegated for this.
  writeFileSync(join(group, 'cgroup.subtree_control'), '+pids');
  return group;
}

function removeAbandonedGroups(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(GROUP_PREFIX)) continue;
    const pid = Number(name.slice(GROUP_PREFIX.length).split('-')[0]);
    // A running host's box may just be between two turns: its group is empty and needed.
    if (!isRunning(pid)) removeGroup(join(parent, name));
  }
}

function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // A process is still in it, or it has gone already. A later host removes it.
  }
}

function shortfall(why: string): ProcessLimit {
  return { ...NO_LIMIT, shortfall: `the number of processes is not limited: ${why}` };
}
