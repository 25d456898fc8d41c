import { type ErrorKind, errorHeaders, type ProtocolError } from '../error-kind.ts';

const SHAPES: Record<ErrorKind, readonly [status: number, type: string]> = {
  auth: [401, 'authentication_error'],
  forbidden: [403, 'permission_error'],
  budget: [402, 'billing_error'],
  rate_limit: [429, 'rate_limit_error'],
  overload: [529, 'overloaded_error'],
  bad_request: [400, 'invalid_request_error'],
  too_large: [413, 'request_too_large'],
  unknown_model: [404, 'not_found_error'],
  not_found: [404, 'not_found_error'],
  timeout: [504, 'timeout_error'],
  upstream: [502, 'api_error'],
};

export function encodeAnthropicError(kind: ErrorKind, message: string, retryAfterSeconds?: number): ProtocolError {
  return { status: SHAPES[kind][0], headers: errorHeaders(kind, retryAfterSeconds), body: errorBody(kind, message) };
}

export function encodeAnthropicStreamError(kind: ErrorKind, message: string): string {
  return `event: error\ndata: ${errorBody(kind, message)}\n\n`;
}

function errorBody(kind: ErrorKind, message: string): string {
  return JSON.stringify({ type: 'error', error: { type: SHAPES[kind][1], message } });
}
