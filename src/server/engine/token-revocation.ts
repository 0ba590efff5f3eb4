import type { Provider } from 'oidc-provider'
import { revokeGuest } from '../guests/revoke-guest.ts'
import { revokeToken } from '../store/revoked-tokens.ts'
import type { Tenant } from '../tenant/tenant.ts'

interface PresentedToken {
  jti: string
  /** Epoch seconds. */
  exp: number
  accountId: string
  grantId?: string
  extra?: { session_id?: string; guest?: boolean }
}

/** Another node's clock may be behind by this much: until then it takes the token for good. */
const CLOCK_SKEW_MS = 60_000

/** What revoking an access token ends where the engine has no grant to end (RFC 7009 section 2.1). */
export function installTokenRevocation(provider: Provider, tenant: Tenant): void {
  const prototype = provider.AccessToken.prototype as unknown as { destroy(this: PresentedToken): Promise<void> }
  prototype.destroy = async function () {
    const { session_id: sessionId, guest } = this.extra ?? {}
    if (guest && sessionId !== undefined) await revokeGuest(tenant, { sub: this.accountId, sessionId })
    else if (this.grantId === undefined) await revokeAccessToken(tenant, this)
  }
}

/** The token alone: the login it is of, if it is of one, goes on. */
export async function revokeAccessToken(tenant: Tenant, { jti, exp }: { jti: string; exp: number }): Promise<void> {
  await revokeToken(tenant.services.store.db, { tenant: tenant.id, jti, forgetAt: exp * 1000 + CLOCK_SKEW_MS })
}
