import { enqueueEvent } from '../events/outbox.ts'
import { endGuest } from '../store/ended-guests.ts'
import { insertGuestUpgrade } from '../store/guest-upgrades.ts'
import type { Db } from '../store/store.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GuestOfRequest } from './shown-guest.ts'

/** Who a guest becomes. */
export interface Member {
  sub: string
  clientId: string
  familyId: string
}

/** The guest has ended, or another sign-in took it first; the caller starts a session of its own. */
export class GuestTaken extends Error {}

/**
 * Makes a guest a member, inside the transaction that starts the member's login: the guest ends, the upgrade is on
 * record and its event queued, or none of it happened.
 * @throws {GuestTaken}
 */
export async function upgradeGuest(
  tx: Db,
  tenant: Tenant,
  guest: GuestOfRequest,
  member: Member,
  now: number,
): Promise<void> {
  const { sessionId, absoluteEnd: forgetAt, trackingId } = guest
  // A page may have been left open for longer than the guest had, and an ending in the past is forgotten at once.
  if (forgetAt <= now) throw new GuestTaken()
  const isFirst = await endGuest(
    tx,
    { tenant: tenant.id, sessionId, guestSub: guest.sub, reason: 'upgraded', forgetAt },
    now,
  )
  if (!isFirst) throw new GuestTaken()
  const names = { session_id: sessionId, guest_sub: guest.sub, member_sub: member.sub, client_id: member.clientId }
  const data = { tenant: tenant.id, ...names, ...(trackingId !== undefined && { tracking_id: trackingId }) }
  const eventId = await enqueueEvent(tx, { tenant, type: 'guest.upgraded', data }, now)
  await insertGuestUpgrade(tx, {
    tenant: tenant.id,
    ...names,
    family_id: member.familyId,
    tracking_id: trackingId ?? null,
    event_id: eventId,
    upgraded_at: now,
  })
}
