/**
 * What the page may do. Everything comes from this server: no third-party request, no inline script, no plugin, no frame, so that text which an agent wrote
 * stays text even if a mistake in the page let it through.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Fields of a style attribute that scripts set are no inline style; the attribute in markup is, and stays forbidden.
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
} as const;

/** Files under `assets/` carry a hash of their content in their name. */
export const HASHED = { 'cache-control': 'public, max-age=31536000, immutable' } as const;
/** Everything else is asked for again, with an etag. */
export const REVALIDATED = { 'cache-control': 'no-cache' } as const;
