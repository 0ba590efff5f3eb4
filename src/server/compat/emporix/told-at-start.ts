import type { ClientConfig } from '../../config/schema.ts'
import { insertSessionContext, type SessionContextValues } from '../../store/session-contexts.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import type { Bearer } from './bearer.ts'
import { contextOf } from './guest-token.ts'
import type { Shop } from './shops.ts'

/** Of a context that nobody has changed yet. */
export const FIRST_VERSION = 1

/** What a visitor's tokens say of the visit, in their words. */
export function toldAtStart(claims: Bearer['claims']): SessionContextValues {
  const { site: siteCode, currency, language, location: targetLocation } = contextOf(claims)
  const values = Object.entries({ siteCode, currency, language, targetLocation })
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** A customer's tokens don't say what the visitor's did: from the login on it is kept, unless it already was. */
export async function keepContext({ tenant }: Shop, { claims, sessionId, client }: Bearer): Promise<void> {
  const values = toldAtStart(claims)
  if (Object.keys(values).length === 0) return
  const context = { tenant: tenant.id, sessionId, values, forgetAt: forgetContextAt(tenant, client) }
  await insertSessionContext(tenant.services.store.db, { ...context, version: FIRST_VERSION })
}

/** Whatever session it is of has ended by then. */
export function forgetContextAt({ config }: Tenant, { absolute_ttl = 0 }: ClientConfig): number {
  return Date.now() + Math.max(config.session.absolute_ttl, absolute_ttl) * 1000
}
