import type { ClientConfig } from '../config/schema.ts'
import { errors } from '../engine/engine-errors.ts'
import type { GrantAnswer, GrantParams, GrantRequest } from '../engine/grants/grant-request.ts'
import { decideRoles } from '../engine/roles.ts'
import { TooManyRequests } from '../engine/too-many-requests.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import type { UserRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { type GuestContext, type GuestSession, newGuest, withLaterIdleEnd } from './guest-session.ts'
import { guestAnswer } from './guest-tokens.ts'

export const GUEST_GRANT = 'urn:portico:grant-type:guest'

/** Makes a guest; writes nothing. */
export async function guestGrant(request: GrantRequest): Promise<GrantAnswer> {
  const { tenant, client, guests, params, proof, origin } = request
  const now = Date.now()
  const template = await guests.templates.load(client, now)
  const scope = rolesIn(tenant, params.scope)
  const roles = decideRoles(tenant, client, template, new Set(scope))
  const context = readContext(params)
  const wait = await guests.limit.secondsToWait(origin.ip, now)
  if (wait > 0) throw new TooManyRequests(wait, `too many new guests from this network: try again in ${wait} s`)
  const guest = newGuest(tenant, client, { scope, context, jkt: proof?.thumbprint }, now)
  return guestAnswer(request, { guest, template, roles, now })
}

/** Renews a guest by their sealed token; writes nothing, and remembers no proof. */
export async function guestRefresh(request: GrantRequest): Promise<GrantAnswer> {
  const { tenant, client, guests, params, proof } = request
  const now = Date.now()
  const template = await guests.templates.load(client, now)
  const guest = await findOwnGuest(request, now)
  const roles = rolesAtRefresh(tenant, guest, { client, template, params })
  // A refresh token that is answered to a proof is bound to its key (RFC 9449 section 5).
  const renewed = withLaterIdleEnd({ ...guest, jkt: guest.jkt ?? proof?.thumbprint }, client, now)
  return guestAnswer(request, { guest: renewed, template, roles, now })
}

/** @throws `invalid_grant` unless the token is of a living guest of this client, shown with its key */
async function findOwnGuest(
  { tenant, client, guests, params, proof }: GrantRequest,
  now: number,
): Promise<GuestSession> {
  const guest = guests.sealer.open(params.refresh_token ?? '', now)
  if (!guest) throw new errors.InvalidGrant('refresh token not found or expired')
  if (guest.clientId !== client.client_id) throw new errors.InvalidGrant('client mismatch')
  if (guest.jkt !== undefined && guest.jkt !== proof?.thumbprint)
    throw new errors.InvalidGrant('refresh token is bound to another DPoP key')
  if (await isGuestEnded(tenant.services.store.db, tenant.id, guest.sessionId))
    throw new errors.InvalidGrant('this guest has ended')
  return guest
}

/** What the guest began with, as far as the template still has it; fewer when fewer are asked for, never more. */
function rolesAtRefresh(
  tenant: Tenant,
  guest: GuestSession,
  { client, template, params }: { client: ClientConfig; template: UserRow; params: GrantParams },
): string[] {
  const isGranted = (role: string) => guest.scope.length === 0 || guest.scope.includes(role)
  const asked = rolesIn(tenant, params.scope)
  const wider = asked.filter((role) => !isGranted(role))
  if (wider.length > 0) throw new errors.InvalidScope('refresh token was not granted this scope', wider.join(' '))
  return decideRoles(tenant, client, template, new Set(asked)).filter(isGranted)
}

/** Roles among the scope; profile scopes mean nothing for a guest. @throws `invalid_scope` for anything else */
function rolesIn(tenant: Tenant, scope: string | undefined): string[] {
  const values = [...new Set((scope ?? '').split(' ').filter(Boolean))]
  const unknown = values.filter((value) => !tenant.config.roles.includes(value) && !PROFILE_SCOPES.includes(value))
  if (unknown.length > 0) throw new errors.InvalidScope('guests can not have this scope', unknown.join(' '))
  return values.filter((value) => tenant.config.roles.includes(value))
}

const PROFILE_SCOPES = ['openid', 'profile', 'email', 'offline_access']

/** Each travels in every token of the visit. */
const CONTEXT_CHARACTERS = 200

/** @throws `invalid_request` when one is too long, or holds what no id does and PostgreSQL would refuse */
function readContext(params: GrantParams): GuestContext {
  const given = (['anonuserid', 'currency', 'site', 'language', 'location'] as const).map(
    (name) => [name, params[name]] as const,
  )
  const tooLong = given.find(([, value]) => (value ?? '').length > CONTEXT_CHARACTERS)
  if (tooLong) throw new errors.InvalidRequest(`${tooLong[0]} is longer than ${CONTEXT_CHARACTERS} characters`)
  const unreadable = given.find(([, value]) => /\p{Cc}/u.test(value ?? ''))
  if (unreadable) throw new errors.InvalidRequest(`${unreadable[0]} must not contain control characters`)
  return Object.fromEntries(given.filter(([, value]) => value)) as GuestContext
}
