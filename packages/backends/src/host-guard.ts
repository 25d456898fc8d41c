import { type ChildProcess, spawn } from 'node:child_process';
import { MARKER_VARIABLE } from './process-census.ts';

/**
 * A small shell process, one for each box host, that ends unsandboxed processes when the host is killed. (Sandboxed ones have the kernel's death
 * signal.) It reads `add <marker> <group>` and `del <marker>` lines from a pipe that only the host holds; the end of that pipe is the death of the host.
 *
 * States: not started, watching, ended. It starts with the first unsandboxed process and ends with the host. If the guard itself is
 * killed, the recovery records still tell the next host what to end.
 */
const GUARD_SCRIPT = `
trap '' HUP INT TERM
list=''
while read -r what marker group; do
  kept=''
  for entry in $list; do [ "\${entry%%:*}" = "$marker" ] || kept="$kept $entry"; done
  list=$kept
  [ "$what" = add ] && list="$list $marker:$group"
done
for round in 1 2 3; do
  for entry in $list; do
    kill -s KILL -- "-\${entry#*:}" 2>/dev/null
    for file in $(grep -ls "${MARKER_VARIABLE}=\${entry%%:*}" /proc/[0-9]*/environ 2>/dev/null); do
      pid=\${file#/proc/}; kill -s KILL "\${pid%/environ}" 2>/dev/null
    done
  done
done
`;

let guard: ChildProcess | null = null;

/** Puts a process group under the guard; the returned function takes it out again. */
export function guardGroup(marker: string, group: number): () => void {
  guard ??= startGuard();
  const { stdin } = guard;
  stdin?.write(`add ${marker} ${group}\n`);
  return () => void stdin?.write(`del ${marker}\n`);
}

function startGuard(): ChildProcess {
  // A session of its own, so that a signal to the host's group does not take the guard along; no marker, so that it never finds itself.
  const child = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
  });
  const forget = () => {
    if (guard === child) guard = null;
  };
  child.once('error', forget);
  child.once('exit', forget);
  child.stdin?.on('error', forget);
  // Neither the guard nor its pipe keeps a host running that is done.
  child.unref();
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}
