import type { GrantAnswer } from './grant-request.ts'
import type { Login, SignedTokens } from './sign-tokens.ts'

/** A refresh token with the moment it can no longer be used, whichever of its two ends comes first. */
export interface IssuedRefreshToken {
  value: string
  /** Epoch milliseconds. */
  expiresAt: number
}

interface Answer {
  login: Login
  signed: SignedTokens
  refresh: IssuedRefreshToken | undefined
  /** What became of the guest the request named, if it named one. */
  guestUpgrade?: 'pending' | 'none' | undefined
  /** The company the access token is for. */
  company?: string | undefined
  now: number
}

/** The answer of every grant (RFC 6749 section 5.1), with the continuity id and ISO twins of both ends. */
export function tokenAnswer({ login, signed, refresh, now, guestUpgrade, company }: Answer): GrantAnswer {
  const { accessToken, idToken, tokenType, expiresIn, scope } = signed
  return {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresIn,
    ...(idToken !== undefined && { id_token: idToken }),
    ...(scope !== undefined && { scope }),
    session_id: login.sessionId,
    ...(guestUpgrade && { guest_upgrade: guestUpgrade }),
    ...(company !== undefined && { legal_entity_id: company }),
    access_token_expires_at: new Date(now + expiresIn * 1000).toISOString(),
    ...(refresh && refreshFields(refresh, now)),
  }
}

/** A refresh token and its end, also for answers of another form. */
export function refreshFields({ value, expiresAt }: IssuedRefreshToken, now: number): GrantAnswer {
  return {
    refresh_token: value,
    refresh_token_expires_in: Math.floor((expiresAt - now) / 1000),
    refresh_token_expires_at: new Date(expiresAt).toISOString(),
  }
}
