import type { FailureCode } from '@molecule/contracts';

/**
 * The failure behind an error that a runtime hands through from its provider as prose or as the provider's own JSON. The order
 * matters: a quota that is used up comes with the status of a rate limit as well.
 */
export function proseFailure(text: string, status: number | null = null): FailureCode {
  const prose = text.toLowerCase();
  const code =
    status ??
    Number(
      /\b(?:status|code|error)["']?\W{0,5}([45]\d\d)\b|(?:^|["'(])\W*([45]\d\d)\b/
        .exec(prose)
        ?.slice(1)
        .find((found) => found !== undefined) ?? 0,
    );
  if (
    /context.{0,3}(window|length|limit)|maximum context|prompt (?:is|as) too long|too[ _]large|input token count|request-body limit|exceeds the maximum/.test(
      prose,
    ) ||
    code === 413
  )
    return 'context';
  if (
    /insufficient_quota|billing|budget|credit balance|usage limit|payment required|exceeded your current quota/.test(
      prose,
    ) ||
    code === 402
  )
    return 'quota';
  if (code === 429 || /rate.?limit|too many requests|resource.?exhausted|quota/.test(prose)) return 'rate_limit';
  if (
    code === 401 ||
    code === 403 ||
    /unauthori[sz]ed|unauthenticated|authenticat|(?:invalid|incorrect).{0,5}api.?key|api key not valid|permission.?denied|auth.?error|\bauth\b/.test(
      prose,
    )
  )
    return 'auth';
  if (code === 408 || code === 504 || /timed? ?out|deadline/.test(prose)) return 'timeout';
  if (/refus|safety|policy|content.?filter|empty response text/.test(prose)) return 'refused';
  return 'model';
}

/** What an answer without a word is, where the runtime ends the turn as answered and keeps to itself that the answer was blocked. */
export const SILENT_REFUSAL: { readonly code: FailureCode; readonly message: string } = {
  code: 'refused',
  message: 'The model gave no answer. Most often its provider has blocked one; the runtime does not say why.',
};

/** The failure behind an error answer: what its data says more than its message counts as well, and is shown where the message says nothing. */
export function answerFailure(
  message: string,
  data: unknown,
): { readonly code: FailureCode; readonly message: string } {
  const told = data === undefined || data === null ? '' : typeof data === 'string' ? data : JSON.stringify(data);
  const isEmpty = /^internal error\.?$/i.test(message.trim());
  return {
    code: proseFailure(`${message} ${told}`),
    message: (isEmpty && told !== '' ? told : message).slice(0, 1000),
  };
}
