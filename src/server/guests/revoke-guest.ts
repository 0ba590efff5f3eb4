import type { Provider } from 'oidc-provider'
import { endGuest } from '../store/ended-guests.ts'
import type { Tenant } from '../tenant/tenant.ts'

interface PresentedToken {
  accountId: string
  extra?: { session_id?: string; guest?: boolean }
}

/** The longest any configuration lets a guest live: an access token doesn't say when its guest ends. */
const LONGEST_GUEST_MS = 31_536_000_000

/** Revoking a guest's access token ends the guest (RFC 7009 section 2.1); for a member's, the engine ends its grant. */
export function installGuestRevocation(provider: Provider, tenant: Tenant): void {
  const prototype = provider.AccessToken.prototype as unknown as { destroy(this: PresentedToken): Promise<void> }
  prototype.destroy = async function () {
    const { session_id: sessionId, guest } = this.extra ?? {}
    if (!guest || sessionId === undefined) return
    const now = Date.now()
    await endGuest(
      tenant.services.store.db,
      { tenant: tenant.id, sessionId, guestSub: this.accountId, reason: 'ended', forgetAt: now + LONGEST_GUEST_MS },
      now,
    )
  }
}
