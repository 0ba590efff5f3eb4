import type { AdapterPayload } from 'oidc-provider'
import type { ClientConfig } from '../config/schema.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { isPublic } from './clients.ts'

/**
 * Whether a client may learn about a token (RFC 7662 section 4). One with a secret may be an API of the tenant, which access
 * tokens are meant for, whichever app got them; a refresh token is meant for its own app alone.
 */
export function mayIntrospect(client: ClientConfig, { kind, clientId }: AdapterPayload): boolean {
  if (isPublic(client)) return false
  return kind !== 'RefreshToken' || clientId === client.client_id
}

/** What is told of a token (RFC 7662 section 2.2): nothing but that, unless it is good. */
export function describeToken({ issuer }: Tenant, found: AdapterPayload | undefined): object {
  if (!found || !isActive(found)) return { active: false }
  return {
    ...found.extra,
    active: true,
    iss: issuer,
    sub: found.accountId,
    client_id: found.clientId,
    aud: found.aud,
    iat: found.iat,
    exp: found.exp,
    sid: found.sid,
    scope: found.scope || undefined,
    ...(found.kind === 'AccessToken' && { jti: found.jti, token_type: found.jkt === undefined ? 'Bearer' : 'DPoP' }),
    ...(found.jkt !== undefined && { cnf: { jkt: found.jkt } }),
  }
}

function isActive({ consumed, exp = 0 }: AdapterPayload): boolean {
  return consumed === undefined && exp > Math.floor(Date.now() / 1000)
}
