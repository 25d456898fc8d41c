import type { ExecResult } from './backend.ts';
import { runInGroup } from './box-process.ts';
import type { Command, Sandbox } from './sandbox.ts';

export interface CommandLimits {
  readonly limitMs: number;
  /** Characters kept of each stream; what comes after is dropped. */
  readonly maxOutput: number;
}

const END_GRACE_MS = 500;

/** Runs a command to its end in a sandbox, with its input given whole and its output bounded. */
export async function runBoxCommand(
  command: Command,
  sandbox: Sandbox,
  limits: CommandLimits,
  input?: string,
): Promise<ExecResult> {
  const run = await runInGroup(command, { sandbox, stdin: input === undefined ? 'ignore' : 'pipe' });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void run.end({ graceMs: END_GRACE_MS });
  }, limits.limitMs);
  try {
    if (input !== undefined) void run.write(input).then(() => run.closeInput());
    const streams = { stdout: '', stderr: '' };
    for await (const event of run.output) {
      const text = event.type === 'line' ? event.text : event.beginning;
      if (streams[event.stream].length < limits.maxOutput) streams[event.stream] += `${text}\n`;
    }
    return { exit: await run.ended, stdout: streams.stdout, stderr: streams.stderr, timedOut };
  } finally {
    clearTimeout(timer);
  }
}
