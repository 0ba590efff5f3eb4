import { errors, type ResourceServer } from 'oidc-provider'
import type { Tenant } from '../tenant/tenant.ts'

/** The one API a tenant's access tokens are for (RFC 8707): its scope values are the profile scopes and the roles. */
export function tenantResourceServer({ config }: Tenant): ResourceServer {
  return {
    audience: config.audience,
    scope: ['openid', 'profile', 'email', 'offline_access', ...config.roles].join(' '),
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
}

/** @throws `invalid_target` for any other resource */
export function checkResource({ config }: Tenant, resource: string): void {
  if (resource !== config.audience) throw new errors.InvalidTarget()
}
