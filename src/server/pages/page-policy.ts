/**
 * The Content Security Policy of a page. `form-action` also governs the redirects after a form post, so it names where
 * the answer may send the person; without that, Chromium blocks the way back to the app.
 */
export function pagePolicy(nonce: string, formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    ["form-action 'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * For everything that isn't a page. `script-src` is empty, which allows nothing, so that the engine may add the hash of the
 * one script that posts an answer to its app (OAuth 2.0 Form Post Response Mode).
 */
export const DATA_POLICY = "default-src 'none'; script-src; frame-ancestors 'none'; base-uri 'none'"
