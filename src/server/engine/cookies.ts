import type { Configuration } from 'oidc-provider'
import { deriveKey } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'

/**
 * Cookies of a tenant. Over https the session's is `__Host-`, so no sibling host can plant one (RFC 6265bis section
 * 4.1.3.2); the interaction's belong to one path each, so that tabs don't collide, which `__Host-` forbids. Plain http
 * on loopback can have neither prefix, so there the path keeps them from the example apps on other ports.
 */
export function engineCookies(tenant: Tenant): NonNullable<Configuration['cookies']> {
  const { isHttps, secrets } = tenant.services
  const attributes = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true } as const
  return {
    keys: secrets.map((secret) => deriveKey(secret, 'cookie signature', 32).toString('base64url')),
    names: {
      session: cookieName(tenant, 'session', '__Host-'),
      interaction: cookieName(tenant, 'interaction', '__Secure-'),
      resume: cookieName(tenant, 'resume', '__Secure-'),
    },
    long: { ...attributes, path: isHttps ? '/' : tenant.path },
    short: attributes,
  }
}

export function cookieName(tenant: Tenant, purpose: string, prefix: '__Host-' | '__Secure-'): string {
  return `${tenant.services.isHttps ? prefix : ''}portico_${tenant.id}_${purpose}`
}
