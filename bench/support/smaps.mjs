import { readFileSync } from 'node:fs';

/** Memory of a process in MiB: what it alone holds, its share, and all that is resident (Linux only). */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return {
    pss: kib('Pss') / 1024,
    rss: kib('Rss') / 1024,
    private: (kib('Private_Clean') + kib('Private_Dirty')) / 1024,
  };
}

/** Processor time that a process has used, in seconds; null when it is gone. With `withEnded`, that of its children which have ended, too. */
export function cpuSecondsOf(pid, { withEnded = false } = {}) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return fields.slice(11, withEnded ? 15 : 13).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return null;
  }
}

/** Starts to count the processor time of processes and of children they start and end; the function it gives tells the seconds used since. */
export function watchCpu(pids) {
  const before = pids.map((pid) => ({
    pid,
    own: cpuSecondsOf(pid) ?? 0,
    whole: cpuSecondsOf(pid, { withEnded: true }) ?? 0,
  }));
  // What a process that has ended used in all is now counted at its parent, so what it had used before is taken off.
  return () =>
    before.reduce(
      (sum, { pid, own, whole }) => sum + (cpuSecondsOf(pid, { withEnded: true }) ?? whole - own) - whole,
      0,
    );
}
