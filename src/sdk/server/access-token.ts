import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { RevocationWatch } from './revocation-watch.ts'
import { TokenError } from './token-error.ts'

/** What a token must say to count here. */
export interface TokenExpectation {
  issuer: string
  audience: string
  findKey: JWTVerifyGetKey
  revocations: RevocationWatch
  /** Epoch milliseconds. */
  now(): number
}

/** Claims every access token has (RFC 9068 section 2.2). */
export interface AccessTokenClaims extends JWTPayload {
  sub: string
  client_id: string
}

/**
 * By configuration, never by what a token says of itself (RFC 8725 section 3.1). RS256 is what clients of older APIs get,
 * with a key of the same issuer.
 */
export const tokenAlgorithms = ['ES256', 'RS256']
const requiredClaims = ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id']

/**
 * Accepts a JWT access token of one issuer for one audience (RFC 9068 section 4).
 *
 * @throws {TokenError} `token-invalid`, `token-expired`, `token-revoked` or `keys-unavailable`.
 */
export async function checkAccessToken(
  token: string,
  { issuer, audience, findKey, revocations, now }: TokenExpectation,
  scheme?: 'Bearer' | 'DPoP',
): Promise<AccessTokenClaims> {
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: tokenAlgorithms,
      // An ID token is signed with the same keys; its type tells them apart.
      typ: 'at+jwt',
      issuer,
      audience,
      requiredClaims,
      currentDate: new Date(now()),
    })
    if (typeof payload.sub !== 'string' || typeof payload.client_id !== 'string') {
      throw new errors.JWTClaimValidationFailed('not text', payload)
    }
    if (await revocations.isRevoked(payload)) {
      throw new TokenError('token-revoked', 'The access token was revoked, or its login has ended.', { scheme })
    }
    return { ...payload, sub: payload.sub, client_id: payload.client_id }
  } catch (cause) {
    if (cause instanceof TokenError) throw cause
    if (cause instanceof errors.JWTExpired)
      throw new TokenError('token-expired', 'The access token has expired.', { scheme, cause })
    throw new TokenError('token-invalid', 'The access token is not valid here.', { scheme, cause })
  }
}
