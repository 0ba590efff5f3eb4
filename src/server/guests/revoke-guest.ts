import { endGuest } from '../store/ended-guests.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** The longest any configuration lets a guest live: an access token doesn't say when its guest ends. */
const LONGEST_GUEST_MS = 31_536_000_000

/** Revoking a guest's access token ends the guest (RFC 7009 section 2.1). */
export async function revokeGuest(tenant: Tenant, guest: { sub: string; sessionId: string }): Promise<void> {
  const now = Date.now()
  const { sub: guestSub, sessionId } = guest
  const ending = { tenant: tenant.id, sessionId, guestSub, reason: 'ended', forgetAt: now + LONGEST_GUEST_MS } as const
  await endGuest(tenant.services.store.db, ending, now)
}
