import { randomUUID } from 'node:crypto';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TurnEvent } from '@molecule/contracts';
import type { AgentSession, BoxProcess, SessionContext, TurnInput } from '../contract/index.ts';
import { promptWithHistory } from '../turn-process/history-prompt.ts';
import { abortFailure, failedTurn } from '../turn-process/turn-ending.ts';
import { agentCommand } from './command-line.ts';
import { stateFolder } from './native.ts';
import { eventsOfRun, readRun } from './turn-result.ts';

const CANCEL_GRACE_MS = 600;
const END_GRACE_MS = 500;

/**
 * A conversation with a runtime that runs one process for each turn and prints its result at the end.
 *
 * States: idle → turn running → idle. Invariants: turns run one after the other; each yields `end` exactly once and last; no process
 * and no file with a prompt is left after a turn. A crash of this program leaves the process to the backend and the file to the box.
 */
export function openClawSession(context: SessionContext): AgentSession {
  let queue: Promise<unknown> = Promise.resolve();
  let running: BoxProcess | null = null;

  async function run(input: TurnInput, sessionId: string, promptFile: string): Promise<readonly TurnEvent[]> {
    let child: BoxProcess;
    try {
      child = await context.spawn(agentCommand(context, sessionId, promptFile));
    } catch (error) {
      return failedTurn(
        'crash',
        `The runtime did not start: ${error instanceof Error ? error.message : String(error)}`,
        '',
        sessionId,
      );
    }
    running = child;
    child.closeStdin();
    const lines: string[] = [];
    const reading = (async () => {
      for await (const { text } of child.lines) lines.push(text);
      return child.exited;
    })();
    const stop = new Promise<null>((resolve) => {
      if (input.signal.aborted) resolve(null);
      input.signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    const exit = await Promise.race([reading, stop]);
    await child.end(exit === null ? CANCEL_GRACE_MS : END_GRACE_MS);
    running = null;
    if (exit === null) {
      const { code, message } = abortFailure(input.signal);
      return failedTurn(code, message, '', sessionId);
    }
    const result = readRun(lines.join('\n'));
    if (result !== null) return eventsOfRun(result, sessionId);
    const how = exit.signal === null ? `code ${exit.code}` : `signal ${exit.signal}`;
    return failedTurn(
      'crash',
      `The runtime ended with ${how} and no result. ${child.stderrTail().trim().slice(-500)}`.trim(),
      '',
      sessionId,
    );
  }

  async function* runTurn(input: TurnInput): AsyncGenerator<TurnEvent> {
    const { promise: mine, resolve: release } = Promise.withResolvers<void>();
    const before = queue;
    queue = before.then(() => mine);
    await before;
    const sessionId = input.sessionId ?? randomUUID();
    const folder = stateFolder(context.layout);
    const promptFile = join(folder, `prompt-${randomUUID()}.txt`);
    try {
      const isKnown =
        input.sessionId !== null && (await exists(join(folder, 'agents', 'main', 'sessions', `${sessionId}.jsonl`)));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // In a file, so that neither its length nor a look at the list of processes matters.
      await writeFile(promptFile, isKnown ? input.prompt : promptWithHistory(input), { mode: 0o600 });
      yield { type: 'started', sessionId, model: context.model.kind === 'none' ? null : context.model.model };
      yield* await run(input, sessionId, promptFile);
    } finally {
      await running?.end(CANCEL_GRACE_MS);
      await rm(promptFile, { force: true });
      release();
    }
  }

  return {
    runTurn,
    // Every turn reads the configuration anew.
    reload: async () => undefined,
    close: async (graceMs) => {
      await running?.end(graceMs);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
