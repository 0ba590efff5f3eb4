import { checkSessionId, findShownGuest, type GuestOfRequest } from '../../guests/shown-guest.ts'
import { isPublic } from '../clients.ts'
import type { GrantRequest } from './grant-request.ts'

/**
 * The guest that a sign-in without the portal brings along. Whoever asks shows credentials of their own, so nobody can be
 * led into another's session by a link.
 * @returns nothing when none is named, `none` when the one that is can't come along
 * @throws `invalid_request` for a session id that isn't that guest's
 */
export async function guestShown(request: GrantRequest): Promise<GuestOfRequest | 'none' | undefined> {
  const { tenant, client, guests, params, proof } = request
  const { guest_token: token, session_id: sessionId } = params
  if (token === undefined) {
    checkSessionId(sessionId, undefined)
    return undefined
  }
  return findShownGuest(
    { tenant, sealer: guests.sealer },
    { token, sessionId, clientId: client.client_id, jkt: proof?.thumbprint, isServer: !isPublic(client) },
  )
}
