import type { FailureCode } from '@molecule/contracts';

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/**
 * Puts what the model library threw into the one taxonomy of failures. Providers put the kind partly in the status and partly in
 * prose, so both are read; what fits nothing is a `model` failure.
 */
export function failureOf(error: unknown): Failure {
  const root = innermost(error);
  const message = describe(root);
  const status = statusOf(root);
  const text = `${message} ${bodyOf(root)}`.toLowerCase();
  return { code: codeOf(status, text, root), message };
}

function codeOf(status: number | null, text: string, error: unknown): FailureCode {
  if (
    /(prompt is too long|context[ _](length|window|limit)|maximum context|too many (input )?tokens|request_too_large)/.test(
      text,
    ) ||
    status === 413
  )
    return 'context';
  if (
    /(insufficient_quota|credit balance|billing|budget|quota exceeded|exceeded your current quota)/.test(text) ||
    status === 402
  )
    return 'quota';
  if (status === 429 || /rate.?limit/.test(text)) return 'rate_limit';
  if (status === 401 || status === 403 || /(authentication_error|invalid (x-)?api.key|permission_error)/.test(text))
    return 'auth';
  if (status === 408 || status === 504 || (error instanceof Error && error.name === 'TimeoutError')) return 'timeout';
  return 'model';
}

/** The library wraps the last error of its retries. */
function innermost(error: unknown): unknown {
  let at = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (typeof at !== 'object' || at === null) return at;
    if ('lastError' in at && at.lastError !== undefined) at = at.lastError;
    else if (!('statusCode' in at) && 'cause' in at && at.cause !== undefined && at.cause !== null) at = at.cause;
    else return at;
  }
  return at;
}

function describe(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message.slice(0, 1000);
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message.slice(0, 1000);
  return typeof error === 'string' ? error.slice(0, 1000) : (JSON.stringify(error)?.slice(0, 1000) ?? 'unknown error');
}

function statusOf(error: unknown): number | null {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
}

function bodyOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const body = 'responseBody' in error ? error.responseBody : 'type' in error ? error.type : '';
  return typeof body === 'string' ? body.slice(0, 4000) : '';
}
