import type { ErrorKind } from '../protocols/error-kind.ts';
import type { ModelRequest } from '../protocols/model-request.ts';
import type { TokenUsage } from '../protocols/reply.ts';

/** What may happen to the answer of one step besides its content. */
export interface ScriptConditions {
  /** Waits this long before the first byte. */
  readonly delayMs?: number;
  /** Waits this long before each further delta. */
  readonly deltaDelayMs?: number;
  /** Numbers to report instead of the deterministic estimate. */
  readonly usage?: Partial<TokenUsage>;
  /** Breaks the connection after this many deltas (0 = right after the start). */
  readonly cutAfterDeltas?: number;
  /** Sends nothing more after this many deltas, until the reader goes away. */
  readonly hangAfterDeltas?: number;
  /** Ends the answer as one whose content was blocked; text of the step comes before, and may be left out. */
  readonly isRefused?: boolean;
  /** Answers with an error: always, or the first `times` requests of this step in a conversation. */
  readonly fail?: {
    readonly kind: ErrorKind;
    readonly message?: string;
    readonly times?: number;
    readonly retryAfterSeconds?: number;
  };
}

export interface ScriptCall {
  /** Matched against the end of the offered (or searchable) tool names. */
  readonly tool: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** One scripted answer: text (an array gives the deltas), one or more calls, or both. */
export interface ScriptStep extends ScriptConditions {
  readonly text?: string | readonly string[];
  readonly calls?: readonly ScriptCall[];
}

/**
 * A script: the step is the number of tool results since the last prompt (the last step repeats), so side requests and resumed
 * sessions work. A function decides from the request itself; undefined leaves the answer to the built-in assistant.
 */
export type Script = readonly ScriptStep[] | ((request: ModelRequest) => ScriptStep | undefined);

export function stepOfScript(script: Script, request: ModelRequest): ScriptStep | undefined {
  if (typeof script === 'function') return script(request);
  return script[Math.min(request.results.length, script.length - 1)];
}
