import type { KoaContextWithOIDC } from 'oidc-provider'

interface Introspected {
  kind: string
  clientId?: string | undefined
}

/**
 * Whether a client may learn about a token (RFC 7662 section 4). One with a secret may be an API of the tenant, which access
 * tokens are meant for, whichever app got them; a refresh token is meant for its own app alone.
 */
export function mayIntrospect(
  _ctx: KoaContextWithOIDC,
  client: { clientId: string; clientAuthMethod?: string | undefined },
  token: Introspected,
): boolean {
  if (client.clientAuthMethod === 'none') return false
  return token.kind !== 'RefreshToken' || token.clientId === client.clientId
}
