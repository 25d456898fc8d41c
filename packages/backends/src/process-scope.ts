import type { Readable } from 'node:stream';
import { readProcessStat, type StartedProcess, stillRuns } from '@molecule/processes';
import { sendSignal } from './kill-until-gone.ts';
import { findBoxProcesses } from './process-census.ts';

/** What belongs to one start: how to ask it to end, and how to see what is left of it. */
export interface ProcessScope {
  /** Resolves once `left` sees everything; after the exit of the leader it must be awaited before `left` is believed. */
  readonly ready: Promise<void>;
  /** Sends a signal to the processes of the start, and to none of our own around them. */
  signal(signal: NodeJS.Signals): void;
  /** The running processes that must be gone before the start counts as ended. */
  left(): readonly StartedProcess[];
}

/** A start without sandbox: its group, its session, and everything that carries its marker. */
export function groupScope(leader: StartedProcess, marker: string): ProcessScope {
  const left = () => findBoxProcesses({ group: leader.pid, marker, startedWith: leader.startTime });
  return {
    ready: Promise.resolve(),
    signal: (signal) => {
      for (const { pid } of left()) sendSignal(pid, signal);
    },
    left,
  };
}

/** Bubblewrap has written the pid long before; this bounds the wait for a report that never comes. */
const REPORT_LIMIT_MS = 5_000;

/**
 * A start inside bubblewrap: the pid namespace that it made. The end of the namespace's first process is the end of all in it, daemons included:
 * the kernel lets it end only after it has killed and reaped the others. So two processes stand for any number.
 *
 * @param report what bubblewrap writes to its status descriptor: JSON documents, the first with `child-pid`.
 */
export function namespaceScope(outer: StartedProcess, report: Readable): ProcessScope {
  let first: StartedProcess | null = null;
  const ready = new Promise<void>((resolve) => {
    let text = '';
    const timer = setTimeout(resolve, REPORT_LIMIT_MS);
    timer.unref();
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    report.on('data', (chunk: Buffer) => {
      if (first !== null) return;
      text += chunk.toString('latin1');
      const pid = Number(/"child-pid"\s*:\s*(\d+)/.exec(text)?.[1] ?? 0);
      if (pid === 0) return;
      first = readProcessStat(pid);
      done();
    });
    report.once('close', done);
    report.once('error', done);
  });
  return {
    ready,
    signal: (signal) => {
      if (first === null) {
        // Without a report the sandbox was never made. A number that another process may have by now is left alone.
        if (stillRuns(outer)) sendSignal(-outer.pid, signal);
        return;
      }
      if (!stillRuns(first)) return;
      // The namespace's first process leads the session of the agent. It ignores what it has no handler for, so SIGTERM to the group reaches only
      // the agent; SIGKILL to it takes the whole namespace.
      sendSignal(signal === 'SIGKILL' ? first.pid : -first.pid, signal);
    },
    left: () => [outer, ...(first === null ? [] : [first])].filter(stillRuns),
  };
}
