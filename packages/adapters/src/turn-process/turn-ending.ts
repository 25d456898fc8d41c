import type { FailureCode, TurnEvent } from '@molecule/contracts';

export type EndEvent = Extract<TurnEvent, { type: 'end' }>;

/** The events that close a turn which the runtime itself did not close. */
export function failedTurn(
  failure: FailureCode,
  message: string,
  text: string,
  sessionId: string | null,
): readonly TurnEvent[] {
  const end: EndEvent = { type: 'end', ok: false, text, failure, message, sessionId };
  return failure === 'cancelled' ? [end] : [{ type: 'error', code: failure, message }, end];
}

/** An abort by a time limit says so in its reason; every other abort is a cancel. */
export function abortFailure(signal: AbortSignal): { readonly code: FailureCode; readonly message: string } {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError')
    return { code: 'timeout', message: 'The turn did not end before its deadline.' };
  return { code: 'cancelled', message: 'The turn was cancelled.' };
}
