import * as z from 'zod'
import { authenticateClient } from '../../engine/client-authentication.ts'
import { errors } from '../../engine/engine-errors.ts'
import { grantTokens } from '../../engine/grants/grant-tokens.ts'
import { findRefreshToken } from '../../store/refresh-tokens.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { customerAnswer } from './customer-answer.ts'
import { emporixDialect } from './dialect.ts'
import type { FindShop, Shop } from './shops.ts'

const RefreshQuery = z.object({
  refreshToken: z.string('is required').min(1, 'is required'),
  legalEntityId: z
    .string()
    .optional()
    .transform((value) => value || undefined),
})

/**
 * Renews a customer's tokens, for a company if one is named. Their documents ask for the visitor's bearer in one place and
 * the customer's, which may have ended, in another: the refresh token says all there is to know.
 */
export function refreshRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: '/refreshauthtoken',
    cors: 'clients',
    takesTokenInQuery: true,
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => renew(shop, call, known)) }
    },
  }
}

async function renew(shop: Shop, { query, origin }: CompatCall, known: Known) {
  const { tenant } = shop
  const { refreshToken, legalEntityId } = readFields(RefreshQuery, query)
  const found = await findRefreshToken(tenant.services.store.db, tenant.id, refreshToken)
  if (!found) throw new errors.InvalidGrant('refresh token not found')
  const clientId = found.family.client_id
  known.client = tenant.clients.get(clientId)
  const client = authenticateClient(known.client, { clientId, secret: undefined })
  const params = { grant_type: 'refresh_token', refresh_token: refreshToken, legal_entity_id: legalEntityId }
  const answer = await grantTokens(shop, { client, params, proof: undefined, origin, dialect: emporixDialect })
  // A refresh token that stays the same is told again: apps store what they are told.
  return { refresh_token: refreshToken, ...customerAnswer(answer), session_id: answer.session_id }
}
