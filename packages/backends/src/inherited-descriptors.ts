import type { IOType } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;
const FIRST_AFTER_STANDARD_STREAMS = 3;

type Stream = IOType | number;

/** Set at the first start: what was inherited does not change, and looking takes half a millisecond. */
let coverings: readonly (readonly [descriptor: number, nothing: number])[] | null = null;

/**
 * Puts `/dev/null` over the descriptors that this process was started with and would pass on to every program it starts: Node marks
 * its own to be closed then, and inherited ones only up to the first gap. An open directory among them would lead out of any sandbox.
 *
 * @param streams what the new program is to have, from descriptor 0 on; these are left as they are.
 */
export function coverInheritedDescriptors(streams: readonly Stream[]): Stream[] {
  coverings ??= findInheritedDescriptors().map((descriptor) => [descriptor, openSync('/dev/null', 'r')]);
  const all = [...streams];
  for (const [descriptor, nothing] of coverings) {
    if (descriptor < streams.length) continue;
    while (all.length < descriptor) all.push('ignore');
    all[descriptor] = nothing;
  }
  return all;
}

function findInheritedDescriptors(): number[] {
  try {
    const open = readdirSync('/proc/self/fdinfo').map(Number);
    return open.filter((fd) => fd >= FIRST_AFTER_STANDARD_STREAMS && isPassedOn(fd)).sort((a, b) => a - b);
  } catch {
    // No /proc: not Linux, and no sandbox either.
    return [];
  }
}

function isPassedOn(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // The descriptor that was open for reading the directory.
    return false;
  }
}
