import * as z from 'zod'
import type { ClientConfig } from '../../config/schema.ts'
import { authenticateClient } from '../../engine/client-authentication.ts'
import { errors } from '../../engine/engine-errors.ts'
import type { GrantAnswer, GrantParams } from '../../engine/grants/grant-request.ts'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { GUEST_GRANT } from '../../guests/guest-grant.ts'
import { looksLikeGuestToken } from '../../guests/guest-session.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { readToken } from './bearer.ts'
import { emporixDialect } from './dialect.ts'
import { guestTokenOf, visitEndOf } from './guest-token.ts'
import type { FindShop, Shop } from './shops.ts'
import { theirScope } from './their-scope.ts'

const required = z.string('is required').min(1, 'is required')
const optional = z
  .string()
  .optional()
  .transform((value) => value || undefined)

const LoginQuery = z.object({
  client_id: required,
  currency: optional,
  siteCode: optional,
  language: optional,
  targetLocation: optional,
})

/** A visit begins; nothing is written. */
export function anonymousLoginRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: '/login',
    cors: 'clients',
    async answer(call) {
      const shop = shops(call.query.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => begin(shop, call, known)) }
    },
  }
}

async function begin(shop: Shop, { query, origin }: CompatCall, known: Known) {
  known.isForGuests = true
  const { client_id, currency, siteCode: site, language, targetLocation: location } = readFields(LoginQuery, query)
  const client = visitorsClient(shop, client_id, known)
  const params = { grant_type: GUEST_GRANT, currency, site, language, location }
  return theirAnswer(
    shop,
    await grantTokens(shop, { client, params, proof: undefined, origin, dialect: emporixDialect }),
  )
}

/** `anonymous_token` is how it was done before there were refresh tokens for visitors. */
const RefreshQuery = z
  .object({ client_id: required, refresh_token: optional, anonymous_token: optional })
  .refine(({ refresh_token, anonymous_token }) => refresh_token ?? anonymous_token, {
    path: ['refresh_token'],
    message: 'is required',
  })

/** The visit goes on, under the same session id. */
export function anonymousRefreshRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: '/refresh',
    cors: 'clients',
    takesTokenInQuery: true,
    async answer(call) {
      const shop = shops(call.query.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => renew(shop, call, known)) }
    },
  }
}

async function renew(shop: Shop, { query, origin }: CompatCall, known: Known) {
  known.isForGuests = true
  const sent = readFields(RefreshQuery, query)
  const client = visitorsClient(shop, sent.client_id, known)
  const params = await renewalParams(shop, { ...sent, client }, known)
  return theirAnswer(
    shop,
    await grantTokens(shop, { client, params, proof: undefined, origin, dialect: emporixDialect }),
  )
}

async function renewalParams(
  shop: Shop,
  sent: { client: ClientConfig; refresh_token?: string | undefined; anonymous_token?: string | undefined },
  known: Known,
): Promise<GrantParams> {
  if (sent.refresh_token !== undefined) {
    // A customer's is renewed elsewhere, and is answered in other words.
    if (!looksLikeGuestToken(sent.refresh_token)) throw new errors.InvalidGrant('refresh token not found or expired')
    return { grant_type: 'refresh_token', refresh_token: sent.refresh_token }
  }
  const visitor = await readToken(shop, sent.anonymous_token ?? '', known)
  const isTheirs = visitor.isGuest && visitor.client === sent.client
  // No renewal moves a visit's end, so it has to be known.
  if (!isTheirs || visitEndOf(visitor.claims) === undefined)
    throw new errors.InvalidGrant('this is no visitor of this client')
  return { grant_type: 'refresh_token', refresh_token: guestTokenOf(shop, visitor) }
}

function visitorsClient({ tenant }: Shop, clientId: string, known: Known): ClientConfig {
  known.client = tenant.clients.get(clientId)
  return authenticateClient(known.client, { clientId, secret: undefined })
}

function theirAnswer({ tenant }: Shop, answer: GrantAnswer) {
  const { access_token, expires_in, refresh_token, refresh_token_expires_in, session_id, scope } = answer
  return {
    token_type: 'Bearer',
    access_token,
    expires_in,
    ...(refresh_token !== undefined && { refresh_token, refresh_token_expires_in }),
    sessionId: session_id,
    scope: theirScope(tenant, scope),
  }
}
