import type { FailureCode } from '@molecule/contracts';

const BY_INFO: Readonly<Record<string, FailureCode>> = {
  contextWindowExceeded: 'context',
  sessionBudgetExceeded: 'quota',
  usageLimitExceeded: 'quota',
  rateLimitExceeded: 'rate_limit',
  unauthorized: 'auth',
  cyberPolicy: 'refused',
  misalignmentPolicyViolation: 'refused',
  inferenceHookDenied: 'refused',
  tooManyDenials: 'permission',
};

/** The runtime says the kind in `codexErrorInfo`, or wraps an HTTP status in it; where neither tells, the prose does. */
export function codexFailureCode(info: unknown, message: string): FailureCode {
  const text = message.toLowerCase();
  if (/context (window|length)|maximum context|prompt is too long|too large/.test(text)) return 'context';
  if (/quota|billing|budget|usage limit|payment required|\b402\b/.test(text)) return 'quota';
  if (/\bcontent_filter\b/.test(text)) return 'refused';
  const named = typeof info === 'string' ? BY_INFO[info] : undefined;
  if (named !== undefined) return named;
  const status = statusIn(info) ?? Number(/\b(?:status|code)\D{0,12}([45]\d\d)\b/.exec(text)?.[1] ?? 0);
  if (status === 401 || status === 403 || /unauthorized|invalid api key|not logged in/.test(text)) return 'auth';
  if (status === 413) return 'context';
  if (status === 429 || /rate limit|too many requests/.test(text)) return 'rate_limit';
  if (status === 408 || status === 504 || /timed? ?out/.test(text)) return 'timeout';
  return 'model';
}

function statusIn(info: unknown): number | null {
  if (typeof info !== 'object' || info === null) return null;
  for (const detail of Object.values(info)) {
    if (
      typeof detail === 'object' &&
      detail !== null &&
      'httpStatusCode' in detail &&
      typeof detail.httpStatusCode === 'number'
    )
      return detail.httpStatusCode;
  }
  return null;
}

/** What stderr tells of a process that ended without an answer; null when it tells nothing that is known. */
export function codexExitFailure(stderr: string): { readonly code: FailureCode; readonly message: string } | null {
  const message = stderr.trim().slice(-500);
  if (/error loading config|failed to parse|unexpected argument/i.test(stderr))
    return { code: 'not_configured', message };
  return null;
}
