import { type ErrorKind, errorHeaders, type ProtocolError } from './error-kind.ts';

const SHAPES: Record<ErrorKind, readonly [status: number, type: string, code: string]> = {
  auth: [401, 'invalid_request_error', 'invalid_api_key'],
  forbidden: [403, 'invalid_request_error', 'permission_denied'],
  // OpenAI itself answers 429 here, which CLIs take for a rate limit and retry; the code is the one they show well.
  budget: [402, 'insufficient_quota', 'insufficient_quota'],
  rate_limit: [429, 'requests', 'rate_limit_exceeded'],
  overload: [503, 'server_error', 'server_is_overloaded'],
  bad_request: [400, 'invalid_request_error', 'invalid_request'],
  too_large: [413, 'invalid_request_error', 'request_too_large'],
  unknown_model: [404, 'invalid_request_error', 'model_not_found'],
  not_found: [404, 'invalid_request_error', 'not_found'],
  timeout: [504, 'server_error', 'timeout'],
  upstream: [502, 'server_error', 'upstream_error'],
};

/** The error answer that Responses and Chat Completions share. */
export function encodeOpenAiError(kind: ErrorKind, message: string, retryAfterSeconds?: number): ProtocolError {
  return {
    status: SHAPES[kind][0],
    headers: errorHeaders(kind, retryAfterSeconds),
    body: JSON.stringify({ error: openAiErrorFields(kind, message) }),
  };
}

export function openAiErrorFields(
  kind: ErrorKind,
  message: string,
): { message: string; type: string; param: null; code: string } {
  const [, type, code] = SHAPES[kind];
  return { message, type, param: null, code };
}
