import type { GuestContext } from '../../guests/guest-session.ts'
import type { Bearer } from './bearer.ts'
import type { Shop } from './shops.ts'

/** As long as the operation takes that it is made for. */
const GOOD_FOR_MS = 60_000

/**
 * The guest token of a visitor who showed an access token, as these operations know no other proof. It is handed to a grant
 * in this process, and to nobody else.
 */
export function guestTokenOf({ tenant, guests }: Shop, { sub, sessionId, client, claims }: Bearer): string {
  const now = Date.now()
  const absoluteSeconds = client.absolute_ttl ?? tenant.config.session.absolute_ttl
  return guests.sealer.seal({
    sessionId,
    sub,
    clientId: client.client_id,
    // Without this, a renewal would have all of the template's roles.
    scope: Array.isArray(claims.roles) ? claims.roles.map(String) : [],
    context: contextOf(claims),
    idleEnd: now + GOOD_FOR_MS,
    // Where the token doesn't say when the visit ends, this is at least as late.
    absoluteEnd: visitEndOf(claims) ?? now + absoluteSeconds * 1000,
  })
}

/** Epoch milliseconds. */
export function visitEndOf({ visit_end }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof visit_end === 'number' ? visit_end * 1000 : undefined
}

export function contextOf(claims: Readonly<Record<string, unknown>>): GuestContext {
  const names = ['anonuserid', 'currency', 'site', 'language', 'location'] as const
  return Object.fromEntries(names.map((name) => [name, claims[name]]).filter(([, value]) => value !== undefined))
}
