import type { Tenant } from '../tenant/tenant.ts'

/** Since when nobody should build on tokens in addresses any more: they end up in logs, histories and referrers. */
const DEPRECATED_AT = Date.parse('2026-11-25T00:00:00Z')

/** Says that this way is to end (RFC 9745), and what to use instead (RFC 5829 section 3.3) where there is one such place. */
export function deprecationHeaders(tenants: readonly Tenant[]): Record<string, string> {
  const [tenant, other] = tenants
  return {
    deprecation: `@${DEPRECATED_AT / 1000}`,
    ...(tenant && !other && { link: `<${tenant.issuer}/token>; rel="successor-version"` }),
  }
}
