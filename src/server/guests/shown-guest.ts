import { errors } from '../engine/engine-errors.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GuestSealer, GuestSession } from './guest-session.ts'

/** The guest a sign-in started from, as it travels with the request; `none` when the proof sent was worth nothing. */
export type GuestOfRequest = Pick<GuestSession, 'sessionId' | 'sub' | 'absoluteEnd'> & {
  trackingId?: string | undefined
}

/** What a request that signs somebody in shows of the guest they were. */
export interface ShownGuest {
  token: string
  /** A continuity id that was sent beside it. */
  sessionId: string | undefined
  /** Who shows it. */
  clientId: string
  /** Thumbprint of the key the request has proved. */
  jkt: string | undefined
  /** A server signs people in for pages that are clients of their own, and vouches for whose guest it shows. */
  isServer?: boolean
}

/**
 * The guest whose token is shown by somebody who may: its client, with its key, while it lives. `none` for any other, who
 * signs in as somebody new.
 * @throws `invalid_request` when the session id beside it is another's
 */
export async function findShownGuest(
  { tenant, sealer }: { tenant: Tenant; sealer: GuestSealer },
  shown: ShownGuest,
): Promise<GuestOfRequest | 'none'> {
  const guest = sealer.open(shown.token, Date.now())
  if (!guest) return 'none'
  checkSessionId(shown.sessionId, guest)
  if (!shown.isServer && guest.clientId !== shown.clientId) return 'none'
  if (guest.jkt !== undefined && guest.jkt !== shown.jkt) return 'none'
  if (!tenant.clients.has(guest.clientId)) return 'none'
  return (await isGuestEnded(tenant.services.store.db, tenant.id, guest.sessionId)) ? 'none' : ofRequest(guest)
}

/**
 * A session id somebody else chose would let them follow the member (session fixation). Beside a token that can't be
 * read it is forgotten with it: that sign-in gets a new one.
 */
export function checkSessionId(sent: string | undefined, guest: GuestSession | undefined): void {
  if (sent === undefined || sent === guest?.sessionId) return
  throw new errors.InvalidRequest('session_id is not the one of this guest_token')
}

function ofRequest({ sessionId, sub, absoluteEnd, context }: GuestSession): GuestOfRequest {
  return { sessionId, sub, absoluteEnd, trackingId: context.anonuserid }
}
