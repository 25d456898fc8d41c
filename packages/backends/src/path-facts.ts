import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { IsolationPolicy } from './isolation-policy.ts';
import type { MountFacts, PathFact } from './mount-plan.ts';
import { SYSTEM_DIRECTORIES } from './system-paths.ts';

/** Looks at the machine for what `planMounts` needs to know. A path that does not exist is left out. */
export function readMountFacts(policy: Pick<IsolationPolicy, 'writable' | 'readable' | 'hidden'>): MountFacts {
  const named = new Map<string, PathFact>();
  for (const path of [...policy.writable, ...policy.readable, ...policy.hidden]) {
    const fact = readPathFact(path);
    if (fact !== undefined) named.set(path, fact);
  }
  return {
    system: SYSTEM_DIRECTORIES.map(readPathFact).filter((fact) => fact !== undefined),
    named,
  };
}

function readPathFact(path: string): PathFact | undefined {
  try {
    const realPath = realpathSync(path);
    const kind = statSync(realPath).isDirectory() ? 'directory' : 'file';
    const link = lstatSync(path).isSymbolicLink() ? { linkTarget: readlinkSync(path) } : {};
    return { path, realPath, kind, ...link };
  } catch {
    // Absent or unreadable to us, and then unreadable to the box as well.
    return undefined;
  }
}
