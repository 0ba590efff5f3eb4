import type { ClientConfig } from '../../config/schema.ts'
import { isPublic } from '../../engine/clients.ts'
import type { GrantParams } from '../../engine/grants/grant-request.ts'
import { GUEST_GRANT } from '../../guests/guest-grant.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { CompatRefused } from '../refusal.ts'

/** A request of theirs in the words of our token endpoint. */
export function grantParams(tenant: Tenant, client: ClientConfig, sent: GrantParams): GrantParams {
  const scope = withoutStrayWord(tenant, sent.scope)
  switch (sent.grant_type) {
    case 'password':
      checkCredentialsSent(sent)
      return { grant_type: 'password', username: sent.username, password: sent.password, scope }
    case 'client_credentials':
      if (!isPublic(client)) return { grant_type: 'client_credentials', scope }
      checkHasVisitors(client)
      return { grant_type: GUEST_GRANT, scope, anonuserid: sent.anonuserid }
    case 'refresh_token':
      return { grant_type: 'refresh_token', refresh_token: sent.refresh_token }
    case undefined:
      throw new CompatRefused('invalid_request', 'missing required parameter grant_type')
    default:
      throw new CompatRefused('unsupported_grant_type', 'unsupported grant_type requested')
  }
}

/** Their SDK adds custom roles to a scope that was never set, and so sends "undefined" before them. */
function withoutStrayWord({ config }: Tenant, scope: string | undefined): string | undefined {
  if (!scope?.startsWith('undefined ') || config.roles.includes('undefined')) return scope
  return scope.slice('undefined '.length)
}

function checkCredentialsSent({ username, password }: GrantParams): void {
  if (!username || !password) throw new CompatRefused('credentials-missing', 'username and password are required')
}

/** Without a secret this grant is for visitors, who are copies of a template user. */
function checkHasVisitors(client: ClientConfig): void {
  if (client.guest && client.grant_types.includes(GUEST_GRANT)) return
  throw new CompatRefused('template-missing', TEMPLATE_MISSING)
}

export const TEMPLATE_MISSING = 'A default context user is required for client credentials'
