import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider'
import { findTokenClaims } from './grants/sign-tokens.ts'

/** What our access tokens say beyond RFC 9068, as decided by whoever issues them. */
export function extraClaims(_ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials) {
  const decided = findTokenClaims(token)
  return decided && { ...decided }
}
