import type { TokenAnswer } from '../../../contract/token-answer.ts'

/** A successful token answer, with times in the issuer's clock. */
export interface TokenSet {
  accessToken: string
  tokenType: 'DPoP' | 'Bearer'
  /** Epoch milliseconds. */
  issuedAt: number
  /** Epoch milliseconds. */
  expiresAt: number
  scope: string[] | undefined
  sessionId: string | undefined
  refreshToken: string | undefined
  idToken: string | undefined
  /** The company the access token is for. */
  company: string | undefined
  /** Whether the guest this sign-in began as has become the member. */
  isGuestUpgraded: boolean
}

/** Reads a token answer; the end comes from `expires_in`, never from the token (RFC 6749 section 5.1). */
export function toTokenSet(answer: TokenAnswer, now: number): TokenSet {
  return {
    accessToken: answer.access_token,
    tokenType: answer.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    issuedAt: now,
    expiresAt: now + answer.expires_in * 1000,
    scope: answer.scope?.split(' '),
    sessionId: answer.session_id,
    // Absent, null and empty all mean there is none.
    refreshToken: answer.refresh_token || undefined,
    idToken: answer.id_token || undefined,
    company: answer.legal_entity_id,
    isGuestUpgraded: answer.guest_upgrade === 'pending',
  }
}
