import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider'

/** What an access token that the engine signs says beyond RFC 9068; it asks for them while it signs. */
export interface TokenClaims {
  sid: string
  session_id: string
  roles: string[]
}

const claimsOf = new WeakMap<object, TokenClaims>()

/** Decides the claims of a token before the engine signs it. */
export function setTokenClaims(token: object, claims: TokenClaims): void {
  claimsOf.set(token, claims)
}

export function extraClaims(_ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials) {
  const decided = claimsOf.get(token)
  return decided && { ...decided }
}
