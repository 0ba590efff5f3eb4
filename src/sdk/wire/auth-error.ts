import type { TokenErrorCode } from './token-error-code.ts'

/**
 * What to do about an {@link AuthError}.
 *
 * - `retry`: try again, or let the person type again.
 * - `sign-in`: sign in again.
 * - `reset-password`: choose a new password.
 * - `contact-admin`: ask who manages accounts and roles here.
 * - `contact-support`: nothing the person or their administrator can change.
 * - `fix-configuration`, `fix-request`: for whoever wrote the call.
 */
export type AuthErrorAction =
  | 'retry'
  | 'sign-in'
  | 'reset-password'
  | 'contact-admin'
  | 'contact-support'
  | 'fix-configuration'
  | 'fix-request'

/**
 * Why the issuer turned a person or a client down.
 *
 * - `wrong-credentials`: user name and password do not fit, or one is missing.
 * - `password-expired`, `password-insecure`: they fit, and a new password is due.
 * - `account-unusable`: the account exists and may not be used.
 * - `role-not-held`: a role or scope was asked for that is not held, or the app needs one that is not.
 * - `member-unknown`: there is nobody with this identifier.
 * - `company-refused`: the person does not act for this company.
 * - `client-refused`: the client, its secret, or its use of this grant is not accepted.
 */
export type RefusalCode =
  | 'wrong-credentials'
  | 'password-expired'
  | 'password-insecure'
  | 'account-unusable'
  | 'role-not-held'
  | 'member-unknown'
  | 'company-refused'
  | 'client-refused'

/**
 * Every way the SDK can fail, as a closed list.
 *
 * - `configuration`: an option is missing or wrong, or does not fit this page or this issuer.
 * - `argument-invalid`: an argument of a call is missing or wrong; nothing was sent.
 * - `insecure-context`: the page is neither https nor on this computer, so the browser offers no cryptography.
 * - `insecure-address`: a token was about to leave over plain http.
 * - `not-in-browser`: a function was called while rendering on a server.
 * - `in-browser`: something that holds a client secret was made in a browser.
 * - `storage-unavailable`: the browser keeps nothing from page to page, so a sign-in could not come back.
 * - `network`, `timeout`: no answer came (in time); the session is untouched.
 * - `rate-limited`, `server`: the issuer is busy or failing; the session is untouched.
 * - `refused`: the issuer declined for a reason that trying again does not change.
 * - {@link RefusalCode}: it declined for a reason that is known.
 * - `not-signed-in`: there is nobody signed in to get a token for.
 * - `session-ended`: the issuer ended the session (`invalid_grant`).
 * - `answer-invalid`: an answer failed validation and was thrown away.
 * - {@link TokenErrorCode}: an API does not accept a request.
 */
export type AuthErrorCode =
  | 'configuration'
  | 'argument-invalid'
  | 'insecure-context'
  | 'insecure-address'
  | 'not-in-browser'
  | 'in-browser'
  | 'storage-unavailable'
  | 'network'
  | 'timeout'
  | 'rate-limited'
  | 'server'
  | 'refused'
  | 'not-signed-in'
  | 'session-ended'
  | 'answer-invalid'
  | RefusalCode
  | TokenErrorCode

/** What an error means, whichever call it came from. */
export interface Meaning {
  retryable: boolean
  action: AuthErrorAction
  message: string
}

/** The codes every page may meet; what is thrown elsewhere brings its meaning along, so that no page loads it. */
const meanings: Partial<Record<AuthErrorCode, Meaning>> = {
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
  'not-signed-in': { retryable: false, action: 'sign-in', message: 'Nobody is signed in.' },
  'session-ended': { retryable: false, action: 'sign-in', message: 'The session has ended.' },
  'answer-invalid': { retryable: false, action: 'sign-in', message: 'The answer of the sign-in service is not valid.' },
}

const refused: Meaning = {
  retryable: false,
  action: 'contact-support',
  message: 'The sign-in service refused the request.',
}

/** Details of an {@link AuthError}. */
export interface AuthErrorDetails extends Partial<Meaning> {
  /** HTTP status of the answer. */
  status?: number | undefined
  /** OAuth error code of the answer (RFC 6749 section 5.2), for example `invalid_scope`. */
  oauthError?: string | undefined
  /** How long the issuer asks to wait. */
  retryAfterSeconds?: number | undefined
  /** What the caller called this request. */
  label?: string | undefined
  /** What happened underneath. */
  cause?: unknown
}

/**
 * The one error the SDK throws, narrowed by `code`.
 *
 * Its text is ours and never contains a token or what the issuer wrote.
 */
export class AuthError extends Error {
  override readonly name: string = 'AuthError'
  /** Why, from a closed list. */
  readonly code: AuthErrorCode
  /** HTTP status, when an answer came. */
  readonly status: number | undefined
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** What to do about it, or to offer the person. */
  readonly action: AuthErrorAction
  /** OAuth error code, when the issuer gave one. */
  readonly oauthError: string | undefined
  /** Seconds to wait, when the issuer said so. */
  readonly retryAfterSeconds: number | undefined
  /** The `label` of the call, when it had one. */
  readonly label: string | undefined

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const { retryable, action, message } = { ...refused, ...meanings[code], ...details }
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.retryable = retryable
    this.action = action
    this.status = details.status
    this.oauthError = details.oauthError
    this.retryAfterSeconds = details.retryAfterSeconds
    this.label = details.label
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
