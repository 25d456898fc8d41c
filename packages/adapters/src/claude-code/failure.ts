import type { FailureCode } from '@molecule/contracts';

/** What the CLI says about a failed turn, gathered from its `result` line. */
export interface ClaudeFailure {
  readonly status: number | null;
  /** `api_error_type` of the provider, e.g. `billing_error`. */
  readonly type: string | null;
  /** `terminal_reason` of the CLI, e.g. `prompt_too_long`, `max_turns`. */
  readonly reason: string | null;
  /** `stop_reason` of the model's last answer. */
  readonly stop: string | null;
  readonly text: string;
}

const BY_TYPE: Readonly<Record<string, FailureCode>> = {
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'quota',
  rate_limit_error: 'rate_limit',
  overloaded_error: 'model',
  request_too_large: 'context',
  not_found_error: 'model',
  api_error: 'model',
  timeout_error: 'timeout',
};

/** The exit code is 0 and the subtype `success` even when the model could not be reached, so the fields and the prose decide. */
export function claudeFailureCode(failure: ClaudeFailure): FailureCode {
  const text = failure.text.toLowerCase();
  if (failure.stop === 'refusal') return 'refused';
  if (failure.reason === 'prompt_too_long' || /prompt is too long|context (window|limit)|request too large/.test(text))
    return 'context';
  if (failure.status === 402 || /credit balance|usage limit|budget|billing|quota/.test(text)) return 'quota';
  const byType = failure.type === null ? undefined : BY_TYPE[failure.type];
  if (byType !== undefined) return byType;
  if (
    failure.status === 401 ||
    failure.status === 403 ||
    /not logged in|please run \/login|invalid api key|failed to authenticate/.test(text)
  )
    return 'auth';
  if (failure.status === 429 || /rate limit/.test(text)) return 'rate_limit';
  if (failure.status === 408 || failure.status === 504 || /timed? ?out/.test(text)) return 'timeout';
  if (/refus(ed|al)|usage policy/.test(text)) return 'refused';
  return 'model';
}

/** What stderr tells of a process that ended without a result; null when it tells nothing that is known. */
export function claudeExitFailure(stderr: string): { readonly code: FailureCode; readonly message: string } | null {
  const message = stderr.trim().slice(-500);
  if (/invalid api key|not logged in|please run \/login/i.test(stderr)) return { code: 'auth', message };
  if (/unknown option|invalid (option|argument)|not valid JSON/i.test(stderr)) return { code: 'protocol', message };
  return null;
}
