import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import type { ClientConfig } from '../config/schema.ts'
import { errors } from '../engine/engine-errors.ts'
import { checkProof } from '../engine/proof-check.ts'
import { decideRoles } from '../engine/roles.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import type { UserRow } from '../store/tables.ts'
import { findUserByName } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { foldName } from '../users/fold-name.ts'
import type { GuestLimit } from './guest-limit.ts'
import {
  type GuestContext,
  type GuestSealer,
  type GuestSession,
  looksLikeGuestToken,
  newGuest,
  withLaterIdleEnd,
} from './guest-session.ts'
import type { GuestTokens } from './guest-tokens.ts'

export const GUEST_GRANT = 'urn:portico:grant-type:guest'

export interface GuestParts {
  tenant: Tenant
  provider: Provider
  sealer: GuestSealer
  tokens: GuestTokens
  limit: GuestLimit
}

interface GuestRequest {
  client: ClientConfig
  template: UserRow
  form: URLSearchParams
  jkt: string | undefined
  ip: string
  now: number
}

/**
 * Answers what guests ask of the token endpoint, before the engine: guests are made by the thousand and leave no row.
 * Anything else is left to the engine (`undefined`).
 */
export function guestGrants(parts: GuestParts) {
  return (request: FastifyRequest, reply: FastifyReply, form: URLSearchParams): Promise<FastifyReply> | undefined => {
    const grantType = form.get('grant_type')
    if (grantType === GUEST_GRANT) return answer(parts, request, reply, form, startGuest)
    const client = parts.tenant.clients.get(form.get('client_id') ?? '')
    if (grantType !== 'refresh_token' || !client || !hasGuests(client)) return undefined
    if (!looksLikeGuestToken(form.get('refresh_token') ?? '')) return undefined
    return answer(parts, request, reply, form, refreshGuest)
  }
}

function hasGuests(client: ClientConfig): boolean {
  return client.guest !== undefined && client.grant_types.includes(GUEST_GRANT)
}

async function answer(
  parts: GuestParts,
  request: FastifyRequest,
  reply: FastifyReply,
  form: URLSearchParams,
  grant: (parts: GuestParts, request: GuestRequest) => Promise<Record<string, unknown>>,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store')
  try {
    return reply.send(await grant(parts, await readRequest(parts, request, reply, form)))
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError) || error.status >= 500) throw error
    const { tenant } = parts
    const retry = error instanceof TooManyGuests ? error.retryAfterSeconds : undefined
    if (retry !== undefined) reply.header('retry-after', String(retry))
    tenant.services.log.info(
      { tenant: tenant.id, event: 'guest.refused', error: error.error, ip: request.ip, request_id: request.id },
      'refused',
    )
    return reply.code(error.status).send({ error: error.error, error_description: error.error_description })
  }
}

/** This network has made its share of guests for now (RFC 6585 section 4). */
class TooManyGuests extends errors.OIDCProviderError {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(429, 'slow_down')
    this.error = 'slow_down'
    this.error_description = `too many new guests from this network: try again in ${retryAfterSeconds} s`
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** @throws unless a public client that holds the grant asks, once for each parameter, with a good proof if with any */
async function readRequest(
  parts: GuestParts,
  request: FastifyRequest,
  reply: FastifyReply,
  form: URLSearchParams,
): Promise<GuestRequest> {
  const { tenant, provider } = parts
  const twice = [...form.keys()].find((name) => form.getAll(name).length > 1)
  if (twice !== undefined) throw new errors.InvalidRequest(`'${twice}' parameter must not be provided twice`)
  const client = findGuestClient(tenant, request, form)
  const jkt = await checkProof(provider, { req: request.raw, res: reply.raw, url: `${tenant.issuer}/token` })
  if (jkt === undefined && client.dpop_bound_access_tokens) throw new errors.InvalidGrant('DPoP proof JWT not provided')
  const template = await loadTemplate(tenant, client)
  return { client, template, form, jkt, ip: request.ip, now: Date.now() }
}

function findGuestClient(tenant: Tenant, request: FastifyRequest, form: URLSearchParams): ClientConfig {
  const clientId = form.get('client_id')
  if (!clientId) throw new errors.InvalidRequest('missing required parameter client_id')
  const client = tenant.clients.get(clientId)
  if (!client) throw new errors.InvalidClientAuth('client not found')
  if (request.headers.authorization !== undefined || form.has('client_secret')) {
    throw new errors.InvalidRequest('guests are for public clients: send no client authentication')
  }
  if (!hasGuests(client)) throw new errors.UnauthorizedClient('requested grant type is not allowed for this client')
  return client
}

/** Whose roles a guest has. @throws `invalid_grant` when the template is gone or disabled */
async function loadTemplate({ id, services }: Tenant, client: ClientConfig): Promise<UserRow> {
  const template = await findUserByName(services.store.db, id, foldName(client.guest?.template_user ?? ''))
  if (!template?.guest_template || template.disabled_at !== null)
    throw new errors.InvalidGrant('this client has no usable template user for guests')
  return template
}

async function startGuest(
  { tenant, tokens, limit }: GuestParts,
  { client, template, form, jkt, ip, now }: GuestRequest,
) {
  const scope = rolesIn(tenant, form.get('scope'))
  const roles = decideRoles(tenant, client, template, new Set(scope))
  const context = readContext(form)
  const wait = await limit.secondsToWait(ip, now)
  if (wait > 0) throw new TooManyGuests(wait)
  return tokens.answer(newGuest(tenant, client, { scope, context, jkt }, now), client, roles, now)
}

async function refreshGuest(
  { tenant, sealer, tokens }: GuestParts,
  { client, template, form, jkt, now }: GuestRequest,
) {
  const guest = sealer.open(form.get('refresh_token') ?? '', now)
  if (!guest) throw new errors.InvalidGrant('refresh token not found or expired')
  if (guest.clientId !== client.client_id) throw new errors.InvalidGrant('client mismatch')
  if (guest.jkt !== undefined && guest.jkt !== jkt)
    throw new errors.InvalidGrant('refresh token is bound to another DPoP key')
  if (await isGuestEnded(tenant.services.store.db, tenant.id, guest.sessionId))
    throw new errors.InvalidGrant('this guest has ended')
  const roles = rolesAtRefresh(tenant, guest, { client, template, form })
  // A refresh token that is answered to a proof is bound to its key (RFC 9449 section 5).
  const renewed = withLaterIdleEnd({ ...guest, jkt: guest.jkt ?? jkt }, client, now)
  return tokens.answer(renewed, client, roles, now)
}

/** What the guest began with, as far as the template still has it; fewer when fewer are asked for, never more. */
function rolesAtRefresh(
  tenant: Tenant,
  guest: GuestSession,
  { client, template, form }: Pick<GuestRequest, 'client' | 'template' | 'form'>,
): string[] {
  const isGranted = (role: string) => guest.scope.length === 0 || guest.scope.includes(role)
  const asked = rolesIn(tenant, form.get('scope'))
  const wider = asked.filter((role) => !isGranted(role))
  if (wider.length > 0) throw new errors.InvalidScope('refresh token was not granted this scope', wider.join(' '))
  return decideRoles(tenant, client, template, new Set(asked)).filter(isGranted)
}

/** Roles among the scope; profile scopes mean nothing for a guest. @throws `invalid_scope` for anything else */
function rolesIn(tenant: Tenant, scope: string | null): string[] {
  const values = [...new Set((scope ?? '').split(' ').filter(Boolean))]
  const unknown = values.filter((value) => !tenant.config.roles.includes(value) && !PROFILE_SCOPES.includes(value))
  if (unknown.length > 0) throw new errors.InvalidScope('guests can not have this scope', unknown.join(' '))
  return values.filter((value) => tenant.config.roles.includes(value))
}

const PROFILE_SCOPES = ['openid', 'profile', 'email', 'offline_access']

/** Each travels in every token of the visit. */
const CONTEXT_CHARACTERS = 200

/** @throws `invalid_request` when one is too long, or holds what no id does and PostgreSQL would refuse */
function readContext(form: URLSearchParams): GuestContext {
  const given = (['anonuserid', 'currency', 'site', 'language'] as const).map((name) => [name, form.get(name)] as const)
  const tooLong = given.find(([, value]) => (value ?? '').length > CONTEXT_CHARACTERS)
  if (tooLong) throw new errors.InvalidRequest(`${tooLong[0]} is longer than ${CONTEXT_CHARACTERS} characters`)
  const unreadable = given.find(([, value]) => /\p{Cc}/u.test(value ?? ''))
  if (unreadable) throw new errors.InvalidRequest(`${unreadable[0]} must not contain control characters`)
  return Object.fromEntries(given.filter(([, value]) => value)) as GuestContext
}
