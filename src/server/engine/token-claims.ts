import { randomUUID } from 'node:crypto'
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider'
import { loadClient, type Tenant } from '../tenant/tenant.ts'
import type { PersonAccount } from './accounts.ts'
import { findTokenClaims } from './grants/sign-tokens.ts'
import { decideRoles } from './roles.ts'

/** What our access tokens say beyond RFC 9068: the grant handlers decide it, the implicit flow decides here. */
export function extraClaims(tenant: Tenant) {
  return (ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): Record<string, unknown> | undefined => {
    const decided = findTokenClaims(token)
    if (decided) return { ...decided }
    if (!('accountId' in token) || !ctx.oidc.account) return undefined
    const client = loadClient(tenant, ctx.oidc.client?.clientId ?? '')
    const roles = decideRoles(tenant, client, (ctx.oidc.account as PersonAccount).user, ctx.oidc.requestParamScopes)
    return { sid: token.sid, session_id: randomUUID(), roles }
  }
}
