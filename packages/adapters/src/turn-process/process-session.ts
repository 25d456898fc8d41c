import type { TurnEvent } from '@molecule/contracts';
import type { AgentSession, SessionContext, TurnInput } from '../contract/index.ts';
import { HeldProcess } from './held-process.ts';
import type { TurnDialect } from './turn-dialect.ts';
import { abortFailure, type EndEvent, failedTurn } from './turn-ending.ts';

/** Time a runtime gets to end a cancelled turn in its own way. With the two graces below a cancel takes less than 1.5 s. */
const OWN_WAY_MS = 600;
const CANCEL_GRACE_MS = 300;
const IDLE_GRACE_MS = 500;

/**
 * A conversation with a runtime that is driven through stdin and stdout.
 *
 * States: no process → process idle (kept warm, or ended after `warmMs`) → turn running → idle or no process.
 * Invariants: turns run one after the other; each yields `end` exactly once and last; after a cancelled, crashed or abandoned turn
 * no process of it is left. A crash of this program leaves the process to the backend, whose records find it.
 */
export function processSession(context: SessionContext, dialect: TurnDialect): AgentSession {
  let held: HeldProcess | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let isStale = false;
  let isClosed = false;
  let idleTimer: NodeJS.Timeout | undefined;

  async function drop(graceMs: number): Promise<void> {
    const old = held;
    held = null;
    clearTimeout(idleTimer);
    if (old !== null)
      await old.process
        .end(graceMs)
        .catch((error: unknown) => context.log('a process could not be ended', { error: String(error) }));
  }

  async function start(resume: string | null): Promise<HeldProcess> {
    await dialect.prepare?.(context, resume);
    const started = new HeldProcess(await context.spawn(dialect.plan(context, resume)), resume);
    held = started;
    if (context.prewarm && dialect.warmText !== null)
      await started.process.write(dialect.warmText).catch(() => undefined);
    return started;
  }

  /** The warm process where it can serve this session, else a new one. */
  async function processFor(sessionId: string | null): Promise<HeldProcess> {
    clearTimeout(idleTimer);
    const warm = held;
    const fits =
      warm !== null &&
      !warm.isDead &&
      (!dialect.boundToSession || (sessionId === null ? !warm.hasRunTurns : warm.sessionId === sessionId));
    if (warm !== null && fits && !isStale) return warm;
    if (warm !== null && fits && dialect.reloadText !== null) {
      isStale = false;
      await warm.process.write(dialect.reloadText);
      return warm;
    }
    await drop(IDLE_GRACE_MS);
    isStale = false;
    return start(sessionId);
  }

  function rest(): void {
    if (isClosed || context.warmMs <= 0) return;
    idleTimer = setTimeout(() => {
      queue = queue.then(() => drop(IDLE_GRACE_MS));
    }, context.warmMs);
    idleTimer.unref();
  }

  /** One try. Gives the closing events of the turn, or null when the runtime does not have the session. */
  async function* attempt(
    input: TurnInput,
    sessionId: string | null,
    stop: Promise<'stopped'>,
  ): AsyncGenerator<TurnEvent, readonly TurnEvent[] | null> {
    let running: HeldProcess;
    try {
      running = await processFor(sessionId);
    } catch (error) {
      return failedTurn(
        'crash',
        `The runtime did not start: ${error instanceof Error ? error.message : String(error)}`,
        '',
        sessionId,
      );
    }
    const { text: request, reader } = dialect.turn(
      { ...input, sessionId },
      { isResumed: sessionId !== null, isFresh: !running.hasRunTurns, context },
    );
    let text = '';
    let end: EndEvent | null = null;
    running.hasRunTurns = true;
    // A process that is gone does not take the request; its end of output says so below.
    await running.process.write(request).catch(() => undefined);
    let stopping: Promise<'stopped'> = stop;
    const isCancelSent = () => stopping !== stop;
    try {
      while (end === null && !reader.isSessionLost()) {
        const line = await running.nextLine(stopping);
        if (line === null) break;
        if (line === 'stopped') {
          const cancel = isCancelSent() ? null : reader.cancelText();
          if (cancel === null) break;
          stopping = after(OWN_WAY_MS);
          await Promise.race([running.process.write(cancel).catch(() => undefined), stopping]);
          continue;
        }
        if (line.truncated) {
          context.log('an over-long line of the runtime was left out', { characters: line.text.length });
          continue;
        }
        for (const event of reader.read(line.text)) {
          if (event.type === 'text') text += event.text;
          if (event.type === 'end') end = event;
          else yield event;
        }
        const more = reader.outgoing();
        if (more !== '') await running.process.write(more).catch(() => undefined);
      }
    } finally {
      running.sessionId = reader.sessionId() ?? running.sessionId;
      // Also when the reader of the events went away: closing the iterator early cancels the turn.
      if (end === null || input.signal.aborted) await drop(CANCEL_GRACE_MS);
      else if (context.warmMs <= 0) await drop(IDLE_GRACE_MS);
    }
    // A runtime may close a turn that it was told to end as if it had answered.
    if (end !== null && (end.ok ? !isCancelSent() : !input.signal.aborted)) return [end];
    if (input.signal.aborted) {
      const { code, message } = abortFailure(input.signal);
      return failedTurn(code, message, end?.text ?? text, end?.sessionId ?? running.sessionId);
    }
    if (reader.isSessionLost()) return null;
    const stderr = running.process.stderrTail();
    const { code, message } = dialect.classifyExit(stderr) ?? {
      code: 'crash' as const,
      message: exitMessage(await running.process.exited, stderr),
    };
    return failedTurn(code, message, text, running.sessionId);
  }

  /** Waits for its place in the queue, runs, and gives the place free before the closing events are handed out. */
  async function* inTurn(input: TurnInput): AsyncGenerator<TurnEvent, readonly TurnEvent[]> {
    const { promise: mine, resolve: release } = Promise.withResolvers<void>();
    const before = queue;
    queue = before.then(() => mine);
    await before;
    try {
      if (input.signal.aborted || isClosed) {
        const { code, message } = abortFailure(input.signal);
        return failedTurn(code, message, '', input.sessionId);
      }
      const stop = aborted(input.signal);
      const closing = yield* attempt(input, input.sessionId, stop);
      if (closing !== null) return closing;
      context.log('the runtime no longer has the session; it begins anew', { sessionId: input.sessionId ?? '' });
      return (
        (yield* attempt(input, null, stop)) ??
        failedTurn('protocol', 'The runtime lost a session that it had just begun.', '', null)
      );
    } finally {
      rest();
      release();
    }
  }

  async function* runTurn(input: TurnInput): AsyncGenerator<TurnEvent> {
    // Whoever has `end` may never ask again; everything must be done by then.
    yield* yield* inTurn(input);
  }

  if (context.prewarm) {
    const warming = start(null).catch((error: unknown) =>
      context.log('the runtime could not be started ahead', { error: String(error) }),
    );
    queue = queue.then(() => warming);
  }
  return {
    runTurn,
    reload: async () => {
      isStale = true;
    },
    close: async (graceMs) => {
      isClosed = true;
      await drop(graceMs);
    },
  };
}

function aborted(signal: AbortSignal): Promise<'stopped'> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }));
}

function after(ms: number): Promise<'stopped'> {
  return new Promise((resolve) => setTimeout(() => resolve('stopped'), ms));
}

function exitMessage(exit: { readonly code: number | null; readonly signal: string | null }, stderr: string): string {
  const how = exit.signal === null ? `code ${exit.code}` : `signal ${exit.signal}`;
  const said = stderr.trim().split('\n').slice(-3).join(' ').slice(-500);
  return `The runtime ended with ${how} before it answered.${said === '' ? '' : ` It said: ${said}`}`;
}
