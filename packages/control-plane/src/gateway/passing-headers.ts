import type { IncomingHttpHeaders } from 'node:http';

/** Of the box's request: what means something to a provider. Everything else, the box's token first, stays here. */
const TO_PROVIDER = new Set([
  'content-type',
  'accept',
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'openai-beta',
  'user-agent',
  'x-app',
  'x-goog-api-client',
  'session_id',
  'conversation_id',
  'originator',
]);
/** Of the provider's answer: what means something to the box's client. No cookies, nothing about the connection. */
const TO_BOX = new Set([
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'request-id',
  'x-request-id',
  'openai-processing-ms',
  'openai-model',
  'openai-version',
  'cache-control',
]);
const TO_BOX_FAMILIES = /^(?:anthropic-ratelimit-|x-ratelimit-|x-codex-)/;

/** Node has checked that no value holds a line end; several values of one name are not passed. */
export function headersToProvider(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of TO_PROVIDER) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

export function headersToBox(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && (TO_BOX.has(name) || TO_BOX_FAMILIES.test(name))) passed[name] = value;
  }
  return passed;
}
