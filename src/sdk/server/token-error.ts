import { AuthError, type AuthErrorAction } from '../wire/auth-error.ts'
import type { TokenErrorCode } from '../wire/token-error-code.ts'

type Status = 400 | 401 | 403 | 503

/** The error codes of RFC 6750 section 3.1 and RFC 9449 section 7.1. */
const meanings: Record<TokenErrorCode, { status: Status; action: AuthErrorAction; error?: string }> = {
  'token-missing': { status: 401, action: 'sign-in' },
  'request-invalid': { status: 400, action: 'fix-request', error: 'invalid_request' },
  'token-invalid': { status: 401, action: 'sign-in', error: 'invalid_token' },
  'token-expired': { status: 401, action: 'sign-in', error: 'invalid_token' },
  'token-revoked': { status: 401, action: 'sign-in', error: 'invalid_token' },
  'proof-missing': { status: 401, action: 'fix-request', error: 'invalid_token' },
  'proof-invalid': { status: 401, action: 'fix-request', error: 'invalid_dpop_proof' },
  'scope-insufficient': { status: 403, action: 'contact-admin', error: 'insufficient_scope' },
  'keys-unavailable': { status: 503, action: 'retry' },
}

/** Details of a {@link TokenError}. */
export interface TokenErrorDetails {
  /** Scheme the caller used, when it used one. */
  scheme?: 'Bearer' | 'DPoP' | undefined
  /** Scope that would have been enough. */
  scope?: readonly string[]
  /** What the caller called this request. */
  label?: string | undefined
  cause?: unknown
}

/**
 * Why a request is not let in, with what to answer: the {@link AuthError} of APIs.
 *
 * @example
 * catch (error) {
 *   if (!(error instanceof TokenError)) throw error
 *   return new Response(null, { status: error.status, headers: error.headers })
 * }
 */
export class TokenError extends AuthError {
  override readonly name = 'TokenError'
  declare readonly code: TokenErrorCode
  /** HTTP status to answer with. */
  declare readonly status: Status
  /** Value of the WWW-Authenticate header (RFC 6750 section 3, RFC 9449 section 7.1); undefined with status 503. */
  readonly wwwAuthenticate: string | undefined

  constructor(code: TokenErrorCode, message: string, details: TokenErrorDetails = {}) {
    const { status, action } = meanings[code]
    const { label, cause } = details
    super(code, { message, status, action, retryable: action === 'retry', label, cause })
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
