import type { Provider } from 'oidc-provider'
import { buildTokenResponse } from '../internals.ts'
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
  now: number
}

/** The answer of every grant (RFC 6749 section 5.1), with the continuity id and ISO twins of both ends. */
export function tokenAnswer(
  provider: Provider,
  { login, signed, refresh, now, guestUpgrade }: Answer,
): Record<string, unknown> {
  return buildTokenResponse(provider, {
    ...signed,
    refreshToken: refresh?.value,
    parameters: {
      session_id: login.sessionId,
      ...(guestUpgrade && { guest_upgrade: guestUpgrade }),
      access_token_expires_at: new Date(now + signed.expiresIn * 1000).toISOString(),
      ...(refresh && {
        refresh_token_expires_in: Math.floor((refresh.expiresAt - now) / 1000),
        refresh_token_expires_at: new Date(refresh.expiresAt).toISOString(),
      }),
    },
  })
}
