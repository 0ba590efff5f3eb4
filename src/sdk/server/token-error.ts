/**
 * Every way a request fails at an API, as a closed list.
 *
 * - `token-missing`: there are no credentials.
 * - `request-invalid`: there are two, or they are where they must not be.
 * - `token-invalid`, `token-expired`: the token is not one this API accepts (any more).
 * - `token-revoked`: the login it belongs to has ended (signed out, replayed, upgraded), though the token itself has not.
 * - `proof-missing`, `proof-invalid`: the token is bound to a key and the request does not prove it (RFC 9449).
 * - `scope-insufficient`: the token is good and does not reach this far.
 * - `keys-unavailable`: the issuer's keys could not be loaded, so nothing can be said about the token.
 */
export type TokenErrorCode =
  | 'token-missing'
  | 'request-invalid'
  | 'token-invalid'
  | 'token-expired'
  | 'token-revoked'
  | 'proof-missing'
  | 'proof-invalid'
  | 'scope-insufficient'
  | 'keys-unavailable'

type Status = 400 | 401 | 403 | 503

/** The error codes of RFC 6750 section 3.1 and RFC 9449 section 7.1. */
const meanings: Record<TokenErrorCode, { status: Status; error?: string }> = {
  'token-missing': { status: 401 },
  'request-invalid': { status: 400, error: 'invalid_request' },
  'token-invalid': { status: 401, error: 'invalid_token' },
  'token-expired': { status: 401, error: 'invalid_token' },
  'token-revoked': { status: 401, error: 'invalid_token' },
  'proof-missing': { status: 401, error: 'invalid_token' },
  'proof-invalid': { status: 401, error: 'invalid_dpop_proof' },
  'scope-insufficient': { status: 403, error: 'insufficient_scope' },
  'keys-unavailable': { status: 503 },
}

/** Details of a {@link TokenError}. */
export interface TokenErrorDetails {
  /** Scheme the caller used, when it used one. */
  scheme?: 'Bearer' | 'DPoP' | undefined
  /** Scope that would have been enough. */
  scope?: readonly string[]
  cause?: unknown
}

/**
 * Why a request is not let in, with what to answer.
 *
 * @example
 * catch (error) {
 *   if (!(error instanceof TokenError)) throw error
 *   return new Response(null, { status: error.status, headers: error.headers })
 * }
 */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode
  /** HTTP status to answer with. */
  readonly status: Status
  /** Value of the WWW-Authenticate header (RFC 6750 section 3, RFC 9449 section 7.1); undefined with status 503. */
  readonly wwwAuthenticate: string | undefined

  constructor(code: TokenErrorCode, message: string, details: TokenErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.status = meanings[code].status
    this.wwwAuthenticate = this.status === 503 ? undefined : challenge(code, message, details)
  }

  /** The headers to answer with: the challenge, and that nobody keeps the answer. */
  get headers(): Record<string, string> {
    const keep = { 'Cache-Control': 'no-store' }
    return this.wwwAuthenticate === undefined ? keep : { ...keep, 'WWW-Authenticate': this.wwwAuthenticate }
  }
}

/** Both schemes are offered; the error stands with the one that was used. */
function challenge(code: TokenErrorCode, message: string, { scheme, scope }: TokenErrorDetails): string {
  const { error } = meanings[code]
  const parameters = [
    error && `error="${error}"`,
    error && `error_description="${message.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ')}"`,
    scope && `scope="${scope.join(' ')}"`,
  ].filter(Boolean)
  const algorithms = 'algs="ES256"'
  if (scheme === 'DPoP') return `DPoP ${[algorithms, ...parameters].join(', ')}`
  return `${['Bearer', parameters.join(', ')].filter(Boolean).join(' ')}, DPoP ${algorithms}`
}
