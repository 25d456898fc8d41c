import { setTimeout as delay } from 'node:timers/promises';
import type { FailureCode, Lease, TaskResultRequest, TokenUsage, TurnEvent } from '@molecule/contracts';
import type { EventUploader } from './event-uploader.ts';
import type { OpenedSession } from './session-pool.ts';
import type { TurnAbort } from './turn-abort.ts';

/** Time the runtime has to end a cancelled turn in its own way; then its processes are ended. Together they stay below 2 s. */
const OWN_WAY_MS = 1_000;
const FORCED_GRACE_MS = 300;

export type TurnOutcome = Omit<TaskResultRequest, 'bootId' | 'attempt' | 'events'>;

/**
 * Runs the turn of one lease in a session.
 *
 * The runtime's own `end` event decides how it went; from outside come only: cancelled, timeout (deadline), crash (no `end`). Never throws. When it
 * resolves after an abort, no process of the turn runs any more.
 */
export async function runTurn(
  opened: OpenedSession,
  lease: Lease,
  abort: TurnAbort,
  uploader: EventUploader,
): Promise<TurnOutcome> {
  const timer = setTimeout(() => abort.abort('deadline'), Math.min(lease.deadlineMs, 2 ** 31 - 1));
  const forced = forceAfterAbort(opened, abort);
  let usage: TokenUsage | null = null;
  let text = '';
  let end: Extract<TurnEvent, { type: 'end' }> | null = null;
  let crash: string | null = null;
  try {
    const turn = opened.session
      .runTurn({ prompt: lease.prompt, sessionId: lease.sessionId, history: lease.history, signal: abort.signal })
      [Symbol.asyncIterator]();
    while (end === null) {
      const next = await Promise.race([turn.next(), forced.done]);
      if (next === 'forced' || next.done === true) break;
      const event = next.value;
      uploader.add(event);
      if (event.type === 'usage') usage = addUsage(usage, event.usage);
      else if (event.type === 'text') text += event.text;
      else if (event.type === 'end') end = event;
    }
  } catch (error) {
    crash = error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    forced.cancel();
  }
  if (abort.reason !== null) await Promise.allSettled([...opened.processes].map((child) => child.end(FORCED_GRACE_MS)));
  const outcome = judge(end, abort, crash);
  if (end === null)
    uploader.add({
      type: 'end',
      ok: outcome.ok,
      text,
      failure: outcome.failure,
      message: outcome.message,
      sessionId: null,
    });
  return { ...outcome, text: end?.text ?? text, sessionId: end?.sessionId ?? null, usage };
}

/** How the turn went. A turn that ended well by itself stays so, even when the wish to end it came at the same moment. */
function judge(
  end: Extract<TurnEvent, { type: 'end' }> | null,
  abort: TurnAbort,
  crash: string | null,
): { ok: boolean; failure: FailureCode | null; message: string | null } {
  if (end?.ok === true) return { ok: true, failure: null, message: end.message };
  if (abort.reason === 'deadline')
    return { ok: false, failure: 'timeout', message: 'The turn did not end before its deadline.' };
  if (abort.reason === 'lost') return { ok: false, failure: 'lost', message: 'The lease of the turn was lost.' };
  if (abort.reason !== null) return { ok: false, failure: 'cancelled', message: 'The turn was cancelled.' };
  if (end !== null) return { ok: false, failure: end.failure ?? 'crash', message: end.message };
  return { ok: false, failure: 'crash', message: crash ?? 'The runtime ended without saying how the turn went.' };
}

function forceAfterAbort(opened: OpenedSession, abort: TurnAbort): { done: Promise<'forced'>; cancel: () => void } {
  const stop = new AbortController();
  const done = new Promise<'forced'>((resolve) => {
    const force = async () => {
      await delay(OWN_WAY_MS, undefined, { signal: stop.signal });
      await Promise.allSettled([...opened.processes].map((child) => child.end(FORCED_GRACE_MS)));
      // The runtime's stream ends with its process; one that still does not is left behind.
      await delay(100, undefined, { signal: stop.signal });
      resolve('forced');
    };
    const begin = () => void force().catch(() => undefined);
    if (abort.signal.aborted) begin();
    else abort.signal.addEventListener('abort', begin, { once: true, signal: stop.signal });
  });
  return { done, cancel: () => stop.abort() };
}

function addUsage(sum: TokenUsage | null, more: TokenUsage): TokenUsage {
  if (sum === null) return more;
  const optional = (name: 'cachedTokens' | 'reasoningTokens') => {
    const value = (sum[name] ?? 0) + (more[name] ?? 0);
    return sum[name] === undefined && more[name] === undefined ? {} : { [name]: value };
  };
  return {
    inputTokens: sum.inputTokens + more.inputTokens,
    outputTokens: sum.outputTokens + more.outputTokens,
    ...optional('cachedTokens'),
    ...optional('reasoningTokens'),
  };
}
