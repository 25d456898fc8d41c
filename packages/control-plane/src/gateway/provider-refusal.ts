/** What a provider's refusal says about the access itself; null = it concerns the one request alone. */
export type RefusalReason = 'credential_refused' | 'quota_ended' | 'model_refused';

const QUOTA =
  /insufficient_quota|exceeded your current quota|credit balance|billing_error|billing_not_active|billing hard limit|out of credits|payment required|spending limit/i;
const KEY =
  /api[ _-]?key not valid|invalid (?:x-)?api[ _-]?key|API_KEY_INVALID|authentication_error|incorrect api key/i;

/**
 * Reads a refusal. 401 is always about the key, 402 about money; 400, 403 and 429 only when they say so: they also answer a bad
 * request, a forbidden content and a passing limit.
 */
export function refusalReason(status: number, text: string): RefusalReason | null {
  if (status === 402 || ((status === 400 || status === 403 || status === 429) && QUOTA.test(text)))
    return 'quota_ended';
  if (status === 401 || ((status === 400 || status === 403) && KEY.test(text))) return 'credential_refused';
  if (status === 404) return 'model_refused';
  return null;
}

/** For people: what the provider's answer means. */
export function refusalText(reason: RefusalReason, provider: string, status: number): string {
  switch (reason) {
    case 'credential_refused':
      return `${provider} refuses the stored key (status ${status}).`;
    case 'quota_ended':
      return `${provider} says that the account's quota or credit has ended (status ${status}).`;
    case 'model_refused':
      return `${provider} does not know the model, or does not serve it to this account (status ${status}).`;
  }
}
