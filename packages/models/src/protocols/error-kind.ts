/** What went wrong with a model call, in our words; each protocol has its own status and shape for it. */
export const ERROR_KINDS = [
  'auth',
  'forbidden',
  'budget',
  'rate_limit',
  'overload',
  'bad_request',
  'too_large',
  'unknown_model',
  'not_found',
  'timeout',
  'upstream',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface ProtocolError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Kinds where trying again at once cannot help; the official SDKs honour the header. */
const FINAL_KINDS: ReadonlySet<ErrorKind> = new Set([
  'auth',
  'forbidden',
  'budget',
  'bad_request',
  'too_large',
  'unknown_model',
  'not_found',
]);

/** Headers of an error answer. A budget refusal must not be retried for minutes by a CLI that takes it for a rate limit. */
export function errorHeaders(kind: ErrorKind, retryAfterSeconds?: number): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-should-retry': FINAL_KINDS.has(kind) ? 'false' : 'true',
  };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.max(0, Math.ceil(retryAfterSeconds)));
  return headers;
}
