import type { TokenSet } from '../issuer/token-set.ts'

/** An access token in memory, with the moments that matter, in the issuer's clock (epoch milliseconds). */
export interface AccessToken {
  value: string
  type: 'DPoP' | 'Bearer'
  /** {@link SessionRecord} it belongs to. */
  login: string
  generation: number
  /** The company it is for: of another it is never sent. */
  company?: string | undefined
  /** From here on it should be renewed. */
  renewAt: number
  /** From here on it is no longer sent. */
  unusableAt: number
}

const longestLeadMs = 30_000
/** Parts of the lifetime: for tokens too short for the figures above, and to spread renewals of many browsers. */
const leadShare = 0.2
const jitterShare = 0.1
/** What a request needs to arrive while its token still counts. */
const longestTransitMs = 5_000

/** Plans the life of a fresh token: renewed 30 s and a random part of its life before the end. */
export function toAccessToken(
  {
    accessToken,
    tokenType,
    issuedAt,
    expiresAt,
    company,
  }: Pick<TokenSet, 'accessToken' | 'tokenType' | 'issuedAt' | 'expiresAt' | 'company'>,
  { login, generation }: Pick<AccessToken, 'login' | 'generation'>,
  random: () => number = Math.random,
): AccessToken {
  const lifetimeMs = expiresAt - issuedAt
  const leadMs = Math.min(longestLeadMs, lifetimeMs * leadShare) + lifetimeMs * jitterShare * random()
  return {
    value: accessToken,
    type: tokenType,
    login,
    generation,
    company,
    renewAt: expiresAt - leadMs,
    unusableAt: expiresAt - Math.min(longestTransitMs, lifetimeMs * jitterShare),
  }
}
