import type { AdapterPayload } from 'oidc-provider'
import { type GuestSealer, looksLikeGuestToken } from '../guests/guest-session.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import { findRefreshToken } from '../store/refresh-tokens.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** Looks a presented refresh token up, a member's or a guest's, in the engine's terms: to introspect and to revoke. */
export async function findRefreshPayload(
  tenant: Tenant,
  guests: GuestSealer,
  value: string,
): Promise<AdapterPayload | undefined> {
  if (looksLikeGuestToken(value)) return findGuestPayload(tenant, guests, value)
  const found = await findRefreshToken(tenant.services.store.db, tenant.id, value)
  if (!found || found.family.ended_at !== null || !tenant.clients.has(found.family.client_id)) return undefined
  const { token, family } = found
  const end = Math.min(token.idle_end, family.absolute_end)
  const isUsable = token.consumed_at === null && end > Date.now()
  return {
    kind: 'RefreshToken',
    jti: value,
    accountId: family.user_id,
    clientId: family.client_id,
    grantId: family.id,
    sid: family.id,
    scope: family.scope,
    ...(token.jkt === null ? {} : { jkt: token.jkt }),
    // Spent or too old it is inactive, but revoking it still ends its login: who asks may never have heard of the
    // successor.
    ...(isUsable
      ? { iat: Math.floor(token.issued_at / 1000), exp: Math.floor(end / 1000) }
      : { consumed: Math.floor((token.consumed_at ?? end) / 1000) }),
  }
}

/** A guest has no grant: the engine then asks for none. */
async function findGuestPayload(
  tenant: Tenant,
  guests: GuestSealer,
  value: string,
): Promise<AdapterPayload | undefined> {
  const guest = guests.open(value, Date.now())
  if (!guest || !tenant.clients.has(guest.clientId)) return undefined
  if (await isGuestEnded(tenant.services.store.db, tenant.id, guest.sessionId)) return undefined
  return {
    kind: 'RefreshToken',
    jti: value,
    accountId: guest.sub,
    clientId: guest.clientId,
    scope: guest.scope.join(' '),
    sid: guest.sub,
    exp: Math.floor(guest.idleEnd / 1000),
    ...(guest.jkt === undefined ? {} : { jkt: guest.jkt }),
  }
}
