import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

type Parentage = readonly (readonly [pid: number, parent: number])[];

/** Process ids of everything below `pid` and `pid` itself, parents first. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const parentage = process.platform === 'linux' ? await fromProc() : await fromPs();
  const found = [pid];
  for (let at = 0; at < found.length; at += 1) {
    for (const [child, parent] of parentage) if (parent === found[at]) found.push(child);
  }
  return found;
}

/** Kills a process with everything below it. The command shares the agent's process group, so the group's end takes it along too. */
export async function killTree(pid: number): Promise<void> {
  for (const each of await descendantsOf(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

async function fromProc(): Promise<Parentage> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat, index) => {
    // The name in brackets may hold anything, so the fields are counted from its last bracket: state, then parent.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return stat === '' || Number.isNaN(parent) ? [] : [[Number(names[index]), parent] as const];
  });
}

async function fromPs(): Promise<Parentage> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return pid === undefined || parent === undefined || Number.isNaN(parent) ? [] : [[pid, parent] as const];
  });
}
