import { type ErrorKind, errorHeaders, type ProtocolError } from '../error-kind.ts';

const SHAPES: Record<ErrorKind, readonly [status: number, name: string]> = {
  auth: [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  // Not 429: clients wait and retry on that, and a spent budget does not come back by waiting a minute.
  budget: [402, 'FAILED_PRECONDITION'],
  rate_limit: [429, 'RESOURCE_EXHAUSTED'],
  overload: [503, 'UNAVAILABLE'],
  bad_request: [400, 'INVALID_ARGUMENT'],
  too_large: [413, 'INVALID_ARGUMENT'],
  unknown_model: [404, 'NOT_FOUND'],
  not_found: [404, 'NOT_FOUND'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  upstream: [502, 'INTERNAL'],
};

export function encodeGoogleError(kind: ErrorKind, message: string, retryAfterSeconds?: number): ProtocolError {
  const [code, status] = SHAPES[kind];
  return {
    status: code,
    headers: errorHeaders(kind, retryAfterSeconds),
    body: JSON.stringify({ error: { code, message, status } }),
  };
}
