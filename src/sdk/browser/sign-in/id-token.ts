import { AuthError } from '../../wire/auth-error.ts'
import { readJwtClaims } from '../jwt-claims.ts'

/** Claims of an accepted ID token. */
export interface IdTokenClaims extends Record<string, unknown> {
  sub: string
}

/** An accepted ID token. */
export interface IdToken {
  raw: string
  claims: IdTokenClaims
}

/** What an ID token is checked against. */
export interface IdTokenExpectation {
  issuer: string
  clientId: string
  /** Nonce of the authorization request; a renewal has none. */
  nonce?: string | undefined
  /** Subject the token must be about, at a renewal. */
  sub?: string
  /** Time at the issuer, in epoch milliseconds. */
  now: number
}

const toleranceSeconds = 60

/**
 * Accepts an ID token that came straight from the token endpoint (OpenID Connect Core section 3.1.3.7).
 *
 * Its signature is not checked: TLS to the issuer vouches for it there (step 6).
 *
 * @throws {AuthError} `answer-invalid`, naming the claim.
 */
export function checkIdToken(raw: string | undefined, expected: IdTokenExpectation): IdToken {
  const claims = raw && readJwtClaims(raw)
  if (!claims) throw invalid('is missing')
  if (claims.iss !== expected.issuer) throw invalid('is from another issuer')
  checkAudience(claims, expected.clientId)
  if (expected.nonce !== undefined && claims.nonce !== expected.nonce) throw invalid('answers another request')
  if (typeof claims.exp !== 'number' || claims.exp + toleranceSeconds < expected.now / 1000)
    throw invalid('has expired')
  if (typeof claims.sub !== 'string' || !claims.sub) throw invalid('names nobody')
  if (expected.sub !== undefined && claims.sub !== expected.sub) throw invalid('is about somebody else')
  return { raw, claims: { ...claims, sub: claims.sub } }
}

function checkAudience(claims: Record<string, unknown>, clientId: string): void {
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audiences.includes(clientId)) throw invalid('is for another app')
  if (audiences.length > 1 && claims.azp !== clientId) throw invalid('was issued to another app')
}

function invalid(problem: string): AuthError {
  return new AuthError('answer-invalid', { message: `The ID token ${problem}.` })
}
