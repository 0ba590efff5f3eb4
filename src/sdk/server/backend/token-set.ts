import type { TokenAnswer } from '../../../contract/token-answer.ts'

/** Tokens for one person or client, by the names of the wire in camelCase (RFC 6749 section 5.1). */
export interface TokenSet {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  /** Seconds the access token is good for, from the moment this is handed to you. */
  readonly expiresIn: number
  /** ISO 8601, UTC with milliseconds. */
  readonly accessTokenExpiresAt: string
  /** Scope values and roles granted. */
  readonly scope: readonly string[]
  /** Names the visit across guest and member. */
  readonly sessionId?: string
  /** What to present next time; also where the issuer lets the old one stay. */
  readonly refreshToken?: string
  /** Seconds, when the issuer says so. */
  readonly refreshTokenExpiresIn?: number
  readonly refreshTokenExpiresAt?: string
  /** With `openid` in the scope; the issuer vouches for it by the connection it came over. */
  readonly idToken?: string
  /** The company the access token is for. */
  readonly company?: string
  /** What became of the guest who was brought along. */
  readonly guestUpgrade?: 'pending' | 'none'
}

/** Reads a token answer. `sentAt` is when it was asked for: it can't have begun to live earlier. */
export function toTokenSet(answer: TokenAnswer, sentAt: number): TokenSet {
  const { refresh_token_expires_in: refreshEnd, refresh_token_expires_at: refreshEndsAt } = answer
  return Object.freeze({
    accessToken: answer.access_token,
    tokenType: answer.token_type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    expiresIn: answer.expires_in,
    accessTokenExpiresAt: answer.access_token_expires_at ?? new Date(sentAt + answer.expires_in * 1000).toISOString(),
    scope: Object.freeze(answer.scope?.split(' ').filter(Boolean) ?? []),
    ...(answer.session_id && { sessionId: answer.session_id }),
    // Absent, null and empty all mean there is none.
    ...(answer.refresh_token && { refreshToken: answer.refresh_token }),
    ...(answer.refresh_token && refreshEnd !== undefined && { refreshTokenExpiresIn: refreshEnd }),
    ...(answer.refresh_token && refreshEndsAt && { refreshTokenExpiresAt: refreshEndsAt }),
    ...(answer.id_token && { idToken: answer.id_token }),
    ...(answer.legal_entity_id && { company: answer.legal_entity_id }),
    ...(answer.guest_upgrade && { guestUpgrade: answer.guest_upgrade }),
  })
}

/** What others may have of a set too. A refresh token is for one holder: two that present it end each other's login. */
export function sharedPart(tokens: TokenSet, expiresIn: number): TokenSet {
  const { refreshToken: _1, refreshTokenExpiresIn: _2, refreshTokenExpiresAt: _3, ...shared } = tokens
  return Object.freeze({ ...shared, expiresIn })
}
