/** Tries of one call, the first included. */
export const MOST_ATTEMPTS = 3;
const BASE_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** A provider that wants a longer pause is believed, and its answer passed on: the box's own client decides. */
const LONGEST_WISH_MS = 15_000;
/** Answers that say "later", not "no". */
const PASSING = new Set([408, 429, 500, 502, 503, 504, 529]);

/** What became of an attempt before its first byte. */
export type AttemptFailure =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterMs: number | null }
  /** The request never left, or met a connection that the provider had closed meanwhile: nothing was done there. */
  | { readonly kind: 'unsent' }
  /** It was sent, and the connection broke: it may have been done. */
  | { readonly kind: 'broken' };

/**
 * Whether a call is tried again, and after how long: never once it may have been done, at most `MOST_ATTEMPTS` times, as late as the provider wishes, with
 * jitter so that many do not come back together.
 * @param random from 0 to 1
 * @returns milliseconds to wait; null = no
 */
export function retryDelay(failure: AttemptFailure, attempt: number, random: number): number | null {
  if (attempt >= MOST_ATTEMPTS || failure.kind === 'broken') return null;
  const backoff = Math.min(LONGEST_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1)) * (0.5 + random / 2);
  if (failure.kind === 'unsent') return backoff;
  if (!PASSING.has(failure.status)) return null;
  if (failure.retryAfterMs === null) return backoff;
  return failure.retryAfterMs > LONGEST_WISH_MS ? null : failure.retryAfterMs + backoff * random;
}

/** Milliseconds from a `Retry-After` header, seconds or a date; null when there is none that makes sense. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined || value.trim() === '') return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
