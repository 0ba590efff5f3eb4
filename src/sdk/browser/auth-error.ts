/** What the caller can do about an {@link AuthError}. */
export type AuthErrorAction = 'retry' | 'sign-in' | 'fix-configuration' | 'contact-support'

/**
 * Every way the SDK can fail, as a closed list.
 *
 * - `configuration`: an option is missing or wrong, or does not fit this page or this issuer.
 * - `insecure-context`: the page is neither https nor on this computer, so the browser offers no cryptography.
 * - `insecure-address`: a token was about to leave over plain http.
 * - `not-in-browser`: a function was called while rendering on a server.
 * - `storage-unavailable`: the browser keeps nothing from page to page, so a sign-in could not come back.
 * - `network`, `timeout`: no answer came (in time); the session is untouched.
 * - `rate-limited`, `server`: the issuer is busy or failing; the session is untouched.
 * - `refused`: the issuer declined for a reason that trying again does not change.
 * - `not-signed-in`: there is nobody signed in to get a token for.
 * - `session-ended`: the issuer ended the session (`invalid_grant`).
 * - `answer-invalid`: an answer failed validation and was thrown away.
 */
export type AuthErrorCode =
  | 'configuration'
  | 'insecure-context'
  | 'insecure-address'
  | 'not-in-browser'
  | 'storage-unavailable'
  | 'network'
  | 'timeout'
  | 'rate-limited'
  | 'server'
  | 'refused'
  | 'not-signed-in'
  | 'session-ended'
  | 'answer-invalid'

const meanings: Record<AuthErrorCode, { retryable: boolean; action: AuthErrorAction; message: string }> = {
  configuration: { retryable: false, action: 'fix-configuration', message: 'The sign-in configuration is wrong.' },
  'insecure-context': {
    retryable: false,
    action: 'fix-configuration',
    message: 'Signing in needs https or localhost.',
  },
  'insecure-address': { retryable: false, action: 'fix-configuration', message: 'A token is only sent over https.' },
  'not-in-browser': { retryable: false, action: 'fix-configuration', message: 'This works in a browser only.' },
  'storage-unavailable': {
    retryable: false,
    action: 'contact-support',
    message: 'This browser keeps nothing from page to page; signing in needs that.',
  },
  network: { retryable: true, action: 'retry', message: 'The sign-in service could not be reached.' },
  timeout: { retryable: true, action: 'retry', message: 'The sign-in service did not answer in time.' },
  'rate-limited': { retryable: true, action: 'retry', message: 'The sign-in service asks to wait.' },
  server: { retryable: true, action: 'retry', message: 'The sign-in service has a problem.' },
  refused: { retryable: false, action: 'contact-support', message: 'The sign-in service refused the request.' },
  'not-signed-in': { retryable: false, action: 'sign-in', message: 'Nobody is signed in.' },
  'session-ended': { retryable: false, action: 'sign-in', message: 'The session has ended.' },
  'answer-invalid': { retryable: false, action: 'sign-in', message: 'The answer of the sign-in service is not valid.' },
}

/** Details of an {@link AuthError}. */
export interface AuthErrorDetails {
  /** Replaces the standard sentence of the code. */
  message?: string
  /** HTTP status of the answer. */
  status?: number | undefined
  /** OAuth error code of the answer (RFC 6749 section 5.2), for example `invalid_scope`. */
  oauthError?: string | undefined
  /** How long the issuer asks to wait. */
  retryAfterSeconds?: number | undefined
  /** What happened underneath. */
  cause?: unknown
}

/**
 * The one error the SDK throws, narrowed by `code`.
 *
 * Its text is ours and never contains a token or what the issuer wrote.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  /** Why, from a closed list. */
  readonly code: AuthErrorCode
  /** HTTP status, when an answer came. */
  readonly status: number | undefined
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** What to offer the person. */
  readonly action: AuthErrorAction
  /** OAuth error code, when the issuer gave one. */
  readonly oauthError: string | undefined
  /** Seconds to wait, when the issuer said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    super(details.message ?? meanings[code].message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.retryable = meanings[code].retryable
    this.action = meanings[code].action
    this.status = details.status
    this.oauthError = details.oauthError
    this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** Tells an error of the SDK from any other. */
export function isAuthError(value: unknown): value is AuthError {
  return value instanceof AuthError
}

/** The error as one of ours; what is unknown becomes `server` with its cause. */
export function toAuthError(value: unknown): AuthError {
  return isAuthError(value) ? value : new AuthError('server', { cause: value })
}
