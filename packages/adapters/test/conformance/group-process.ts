import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { BoxProcess, SpawnPlan } from '../../src/index.ts';

/** Every process that a test starts carries this variable, so that whatever it leaves behind can be found. */
const MARK = 'ADAPTER_TEST_MARK';

/** What was killed may live on for a moment on a busy machine. */
const GONE_WITHIN_MS = 5000;

export interface ProcessGroupRecorder {
  readonly started: readonly BoxProcess[];
  spawn(plan: SpawnPlan): Promise<BoxProcess>;
  /** Command lines of what still runs of the starts from number `from` on. Linux only. */
  left(from: number): readonly string[];
  killAll(): void;
}

/** Starts processes in groups of their own, as the backend does, without a sandbox; `enter` says how each gets behind the wall of its test. */
export function processGroups(enter: (plan: SpawnPlan) => SpawnPlan): ProcessGroupRecorder {
  const mark = randomUUID();
  const started: BoxProcess[] = [];
  const left = (from: number) =>
    started.slice(from).flatMap((_, index) => marked(`${mark}/${from + index}/`).map(({ command }) => command));
  return {
    started,
    left,
    killAll: () => {
      for (const { pid } of marked(mark)) signal(pid, 'SIGKILL');
    },
    spawn: async (wish) => {
      const plan = enter(wish);
      const own = `${mark}/${started.length}/`;
      const child = spawn(plan.command, [...plan.args], {
        cwd: plan.cwd,
        env: { ...plan.env, [MARK]: own },
        stdio: 'pipe',
        detached: true,
      });
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      const pid = child.pid ?? 0;
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-8000)));
      child.stdin.on('error', () => undefined);
      const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
        child.once('exit', (code, by) => resolve({ code, signal: by })),
      );
      const reader = createInterface({ input: child.stdout });
      const box: BoxProcess = {
        pid,
        lines: (async function* () {
          for await (const text of reader) yield { text, truncated: false };
        })(),
        stderrTail: () => stderr,
        write: (text) =>
          new Promise((resolve, reject) => child.stdin.write(text, (error) => (error ? reject(error) : resolve()))),
        closeStdin: () => child.stdin.end(),
        exited,
        end: async (graceMs) => {
          // As the backend does it: what has left the group is found by its mark, and it resolves when nothing is left.
          for (const each of marked(own)) signal(each.pid, 'SIGTERM');
          await goneWithin(graceMs, () => marked(own));
          await goneWithin(GONE_WITHIN_MS, () => {
            const left = marked(own);
            for (const { pid } of left) signal(pid, 'SIGKILL');
            return left;
          });
          await exited;
        },
      };
      started.push(box);
      return box;
    },
  };
}

async function goneWithin(limitMs: number, look: () => readonly unknown[]): Promise<void> {
  for (const end = performance.now() + limitMs; look().length > 0 && performance.now() < end; ) await delay(20);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

function marked(mark: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').includes(`${MARK}=${mark}`)) return [];
        return [
          { pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() },
        ];
      } catch {
        return [];
      }
    });
}
